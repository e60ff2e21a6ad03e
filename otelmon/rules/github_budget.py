"""Keeps the best known state of a GitHub budget from answers that may arrive in any order."""

from __future__ import annotations

from otelmon.records import RateLimit

# GitHub computes the reset anew for each answer, so two answers of one window can differ by a second or two.
SAME_WINDOW_S = 5
# GitHub's windows last an hour at most, and a clock may be wrong by some minutes; a reset further away is no time at
# all (milliseconds, say) and would outlive every true answer.
LONGEST_WINDOW_S = 7200


def merge_budget(known: RateLimit | None, seen: RateLimit, now: float) -> RateLimit:
    """Returns what is known of one budget after one more answer.

    Within one window ``used`` only grows, and the answer that has seen most use tells limit and remaining; an answer of
    an older window changes nothing; one of a newer window replaces what was known; a missing header keeps it.

    Args:
        known: the state before, of the same owner and resource.
        seen: what the answer said.
        now: unix seconds of GitHub's clock; a window that has ended by then is replaced by any answer without a reset.
    """
    if known is None:
        return _plausible(seen, now)
    limit, remaining, used, reset, _ = seen
    if reset == known.reset and used is not None and known.used is not None and limit is not None:
        # Nearly every answer: the same window, nothing missing.
        return seen if used > known.used and remaining is not None else _together(known, seen)
    seen = _plausible(seen, now)
    if seen.reset is None and is_expired(known, now):
        return seen if has_figures(seen) else known
    if seen.reset is not None and known.reset is not None:
        if seen.reset > known.reset + SAME_WINDOW_S:
            return seen
        if seen.reset < known.reset - SAME_WINDOW_S:
            return known
    return _together(known, seen)


def has_figures(seen: RateLimit) -> bool:
    """Tells whether an answer says anything about a budget but its name."""
    return not (seen.limit is None and seen.remaining is None and seen.used is None and seen.reset is None)


def is_same_window(one: RateLimit, other: RateLimit) -> bool:
    """Tells whether two states belong to one window, as far as is known."""
    return one.reset is None or other.reset is None or abs(one.reset - other.reset) <= SAME_WINDOW_S


def is_expired(budget: RateLimit, now: float) -> bool:
    """Tells whether the window of a budget has ended at ``now`` (unix seconds), so that its figures say nothing."""
    return budget.reset is not None and budget.reset <= now


def _plausible(seen: RateLimit, now: float) -> RateLimit:
    """Leaves out a reset that cannot be one, and completes what two of three figures tell."""
    if seen.reset is not None and seen.reset > now + LONGEST_WINDOW_S:
        seen = seen._replace(reset=None)
    if seen.used is None and seen.limit is not None and seen.remaining is not None and seen.limit >= seen.remaining:
        return seen._replace(used=seen.limit - seen.remaining)
    return seen


def _together(known: RateLimit, seen: RateLimit) -> RateLimit:
    """Returns the state that knows most of the use of one window, completed by the other."""
    most, other = (seen, known) if _use(seen) > _use(known) else (known, seen)
    least = most.remaining if most.used is not None else _least(known.remaining, seen.remaining)
    return RateLimit(
        other.limit if most.limit is None else most.limit,
        other.remaining if least is None else least,
        other.used if most.used is None else most.used,
        max(known.reset or 0, seen.reset or 0) or None,
        known.resource,
    )


def _use(state: RateLimit) -> int:
    return -1 if state.used is None else state.used


def _least(one: int | None, other: int | None) -> int | None:
    return min((each for each in (one, other) if each is not None), default=None)
