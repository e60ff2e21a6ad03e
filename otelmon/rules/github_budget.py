"""Keeps the best known state of a GitHub budget from answers that may arrive in any order."""

from __future__ import annotations

from dataclasses import replace

from otelmon.records import Budget, RateLimit

# GitHub computes the reset anew for each answer, so two answers of one window can differ by a second or two.
SAME_WINDOW_S = 5
# GitHub's windows last an hour at most; a reset further away is no time at all and would outlive every true answer.
LONGEST_WINDOW_S = 86_400


def merge_budget(known: Budget | None, owner: str, seen: RateLimit, now: float) -> Budget:
    """Returns what is known after one more answer.

    Within one window ``used`` only grows and ``remaining`` only falls; an answer of an older window changes nothing;
    one of a newer window replaces what was known; a missing header keeps it.

    Args:
        known: the state before, of the same owner and resource.
        owner: as ``budget_owner`` names it.
        seen: what the answer said.
        now: unix seconds; a window that has ended by then is replaced by any answer that has no reset time.
    """
    if seen.reset is not None and seen.reset > now + LONGEST_WINDOW_S:
        seen = replace(seen, reset=None)
    fresh = Budget(owner, seen.resource or "core", seen.limit, seen.remaining, seen.used, seen.reset)
    if known is None:
        return fresh
    if seen.reset is None and is_expired(known, now):
        return fresh if seen != RateLimit(resource=seen.resource) else known
    if seen.reset is not None and known.reset is not None:
        if seen.reset > known.reset + SAME_WINDOW_S:
            return fresh
        if seen.reset < known.reset - SAME_WINDOW_S:
            return known
    return _within_window(known, seen)


def _within_window(known: Budget, seen: RateLimit) -> Budget:
    return Budget(
        known.owner,
        known.resource,
        known.limit if seen.limit is None else seen.limit,
        _least(known.remaining, seen.remaining),
        _most(known.used, seen.used),
        _most(known.reset, seen.reset),
    )


def is_expired(budget: Budget, now: float) -> bool:
    """Tells whether the window of a budget has ended at ``now`` (unix seconds), so that its figures say nothing."""
    return budget.reset is not None and budget.reset <= now


def _least(one: int | None, other: int | None) -> int | None:
    return min((each for each in (one, other) if each is not None), default=None)


def _most(one: int | None, other: int | None) -> int | None:
    return max((each for each in (one, other) if each is not None), default=None)
