"""Keeps one reset window of one GitHub budget, with its recent use."""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING

from otelmon.records import Budget, Forecast
from otelmon.rules.github_budget import is_same_window, merge_budget
from otelmon.rules.github_forecast import (
    forecast,
    is_seen_long_enough,
    is_spent_before_reset,
    level_of_use,
    next_level,
    pace_of,
)

if TYPE_CHECKING:
    from otelmon.records import BudgetLevel, RateLimit

# Use is noted at most so often, and for so long: a sixtieth of an hour's window for each note, a quarter of it in all.
MOST_SAMPLES = 16
SHARE_OF_A_WINDOW = 240
SHORTEST_STEP_S = 1.0
LONGEST_STEP_S = 15.0


class Window:
    """Holds figures, samples of use, and what was reported; the ledger lets one thread in at a time."""

    __slots__ = ("_next_sample", "_samples", "_step", "alarm_at", "level", "owner", "seen_at", "state")

    def __init__(self, owner: str, state: RateLimit, now: float, monotonic: float) -> None:
        self.owner = owner
        self.seen_at = monotonic
        self._open(state, now)

    def _open(self, state: RateLimit, now: float) -> None:
        self.state = state
        self.level: BudgetLevel | None = None
        # Whatever was used before the first answer counts as well: it may be above a level already.
        self.alarm_at = next_level_from_nothing(state)
        self._samples = array("d")
        ends_in = LONGEST_STEP_S * SHARE_OF_A_WINDOW if state.reset is None else state.reset - now
        self._step = min(LONGEST_STEP_S, max(SHORTEST_STEP_S, ends_in / SHARE_OF_A_WINDOW))
        self._next_sample = -math.inf

    def take(self, seen: RateLimit, now: float, monotonic: float) -> bool:
        """Takes in one answer and tells whether the window has reached a level that was not reported yet.

        Args:
            seen: what the answer said.
            now: unix seconds of GitHub's clock.
            monotonic: seconds.
        """
        before = self.state
        state = self.state = merge_budget(before, seen, now)
        self.seen_at = monotonic
        if state.reset != before.reset and not is_same_window(before, state):
            self._open(state, now)
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
        self._samples.extend((monotonic, used))
        if len(self._samples) > 2 * MOST_SAMPLES:
            del self._samples[:2]

    def raise_level(self) -> BudgetLevel | None:
        """Returns the level that the window has newly reached by its use, at most once each."""
        level = level_of_use(self.state)
        self.alarm_at = next_level(self.state)
        return self._raised(level)

    def foretold_level(self, now: float, monotonic: float) -> BudgetLevel | None:
        """Returns ``warning`` the first time that the forecast says the window will not last."""
        if self.level is not None or self.state.reset is None or not self._samples:
            return None
        reset_in = self.state.reset - now
        certain = is_seen_long_enough(monotonic - self._samples[0], reset_in) and is_spent_before_reset(
            self.forecast(monotonic), reset_in
        )
        return self._raised("warning" if certain else None)

    def _raised(self, level: BudgetLevel | None) -> BudgetLevel | None:
        if level is None or self.level in (level, "critical"):
            return None
        self.level = level
        return level

    def forecast(self, monotonic: float) -> Forecast | None:
        """Returns when the window's requests are spent, None while its use says nothing."""
        remaining, used = self.state.remaining, self.state.used
        if remaining == 0:
            return Forecast(0.0, 0.0, 0.0)
        samples = tuple(self._samples)
        # The latest use, which no sample may have noted yet, stands at the time of the latest answer.
        if used is not None and samples and self.seen_at > samples[-2]:
            samples = (*samples, self.seen_at, float(used))
        pace = pace_of(samples, monotonic)
        return None if pace is None or remaining is None else forecast(remaining, pace)

    def shown(self, now: float, monotonic: float, reserve: float | None = None) -> Budget:
        """Returns what the window looks like now.

        Args:
            now: unix seconds of GitHub's clock.
            monotonic: seconds.
            reserve: the share of the limit that shall be left over, 0 to 1.
        """
        limit, remaining, used, reset, resource = self.state
        below = None if reserve is None or not limit or remaining is None else remaining < reserve * limit
        return Budget(
            self.owner,
            resource,
            limit,
            remaining,
            used,
            reset,
            None if reset is None else max(0.0, reset - now),
            max(0.0, monotonic - self.seen_at),
            self.forecast(monotonic),
            self.level,
            below,
        )


def next_level_from_nothing(state: RateLimit) -> float:
    """Returns the use from which on the first level is reached, infinite where the limit is not known."""
    return next_level(state._replace(used=0, remaining=None))
