"""Keeps one reset window of one GitHub budget, with its recent use."""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING

from otelmon.records import Budget, Forecast
from otelmon.rules.github_budget import is_same_window, merge_budget
from otelmon.rules.github_forecast import (
    course_of,
    forecast,
    is_seen_long_enough,
    is_spent_before_reset,
    level_of_use,
    next_level,
    pace_now,
)

if TYPE_CHECKING:
    from otelmon.records import BudgetLevel, RateLimit
    from otelmon.rules.github_forecast import Course

# Use is noted from the first answer of a window on, at first every second; where there is no room left, every other
# note goes and the steps are twice as long.
MOST_SAMPLES = 32
LEAST_STEP_S = 0.001
FIRST_STEP_S = 1.0
# GitHub's windows last an hour; of one whose end is not known no more is said.
UNKNOWN_RESET_IN_S = 3600.0


class Window:
    """Holds figures, samples of use, and what was reported; the ledger lets one thread in at a time."""

    __slots__ = ("_next_sample", "_samples", "_step", "alarm_at", "level", "owner", "seen_at", "state")

    def __init__(self, owner: str, state: RateLimit) -> None:
        self.owner = owner
        # When the youngest of the answers was asked for: no use that GitHub had counted by then is missing.
        self.seen_at = -math.inf
        self._open(state)

    def _open(self, state: RateLimit) -> None:
        self.state = state
        self.level: BudgetLevel | None = None
        # Whatever was used before the first answer counts as well: it may be above a level already.
        self.alarm_at = next_level_from_nothing(state)
        self._samples = array("d")
        self._step = FIRST_STEP_S
        self._next_sample = -math.inf

    def grew(self, seen: RateLimit, monotonic: float, asked_at: float) -> bool:
        """Takes in an answer that only tells of more use in the same window, as nearly every one does.

        Returns:
            Whether it was such a one; of any other, and of one that reaches a level, nothing is taken in.
        """
        limit, remaining, used, reset, _ = seen
        known_limit, _, known, known_reset, _ = self.state
        if reset != known_reset or limit != known_limit or used is None or remaining is None:
            return False
        if known is None or not known < used < self.alarm_at:
            return False
        self.state = seen
        self.seen_at = max(self.seen_at, asked_at)
        if monotonic >= self._next_sample:
            self._sample(monotonic, used)
        return True

    def take(self, seen: RateLimit, now: float, monotonic: float, asked_at: float) -> bool:
        """Takes in one answer and tells whether the window has reached a level that was not reported yet.

        Args:
            seen: what the answer said.
            now: unix seconds of GitHub's clock.
            monotonic: seconds.
            asked_at: seconds of the same clock at which the answer was asked for.
        """
        before = self.state
        state = self.state = merge_budget(before, seen, now)
        self.seen_at = max(self.seen_at, asked_at)
        if state.reset != before.reset and not is_same_window(before, state):
            self._open(state)
        elif state.limit != before.limit:
            self.alarm_at = min(self.alarm_at, next_level(state))
        used = state.used
        if used is None:
            return state.remaining == 0 and self.level != "critical"
        if monotonic >= self._next_sample:
            self._sample(monotonic, used)
        return used >= self.alarm_at

    def _sample(self, monotonic: float, used: int) -> None:
        self._next_sample = monotonic + self._step
        samples = self._samples
        samples.extend((monotonic, used))
        if len(samples) > 2 * MOST_SAMPLES:
            self._samples = array("d", [each for at in range(0, len(samples), 4) for each in samples[at : at + 2]])
            self._step *= 2

    def raise_level(self) -> BudgetLevel | None:
        """Returns the level that the window has newly reached by its use, at most once each."""
        level = level_of_use(self.state)
        self.alarm_at = next_level(self.state)
        return self._raised(level)

    def foretold_level(self, now: float, monotonic: float) -> BudgetLevel | None:
        """Returns ``warning`` the first time that the forecast says the window will not last."""
        reset, remaining, samples = self.state.reset, self.state.remaining, self._samples
        if self.level is not None or reset is None or remaining is None or not samples:
            return None
        reset_in, seconds = reset - now, monotonic - samples[0]
        if not is_seen_long_enough(seconds, reset_in):
            return None
        spent = (self.state.used or 0) - samples[1]
        if spent * reset_in < remaining * seconds:
            # Even without a slope, which might not last, the pace must spend it.
            return None
        certain = is_spent_before_reset(self.forecast(now, monotonic), reset_in)
        return self._raised("warning" if certain else None)

    def _raised(self, level: BudgetLevel | None) -> BudgetLevel | None:
        if level is None or self.level in (level, "critical"):
            return None
        self.level = level
        return level

    def _course(self, monotonic: float) -> Course | None:
        used, samples = self.state.used, self._samples
        # The latest use, which no sample may have noted yet, stands at the time for which it is known.
        if used is not None and samples and used > samples[-1]:
            samples = samples + array("d", (max(self.seen_at, samples[-2] + LEAST_STEP_S), used))
        return course_of(samples, monotonic)

    def forecast(self, now: float, monotonic: float) -> Forecast | None:
        """Returns when the window's requests are spent, None while its use says nothing."""
        return self._foretold(self._course(monotonic), now)

    def _foretold(self, course: Course | None, now: float) -> Forecast | None:
        remaining, reset = self.state.remaining, self.state.reset
        if remaining == 0:
            return Forecast(0.0, 0.0, 0.0)
        if course is None or remaining is None:
            return None
        return forecast(remaining, course, UNKNOWN_RESET_IN_S if reset is None else max(0.0, reset - now))

    def shown(self, now: float, monotonic: float, reserve: float | None = None) -> Budget:
        """Returns what the window looks like now.

        Args:
            now: unix seconds of GitHub's clock.
            monotonic: seconds.
            reserve: the share of the limit that shall be left over, 0 to 1.
        """
        limit, remaining, used, reset, resource = self.state
        course, age = self._course(monotonic), max(0.0, monotonic - self.seen_at)
        below = None if reserve is None or not limit or remaining is None else remaining < reserve * limit
        return Budget(
            self.owner,
            resource,
            limit,
            remaining,
            used,
            reset,
            None if reset is None else max(0.0, reset - now),
            age,
            self._foretold(course, now),
            self.level,
            below,
            expected_use(used, limit, course, age),
        )


def expected_use(used: int | None, limit: int | None, course: Course | None, age: float) -> int | None:
    """Returns what is used by now if the pace goes on since the figures were made, at most the limit."""
    if used is None or course is None:
        return used
    expected = round(used + pace_now(course) * age)
    return expected if limit is None else max(used, min(limit, expected))


def next_level_from_nothing(state: RateLimit) -> float:
    """Returns the use from which on the first level is reached, infinite where the limit is not known."""
    return next_level(state._replace(used=0, remaining=None))
