"""Tells the time by GitHub's clock, for the times in its answers are GitHub's and the machine's clock may be wrong."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from otelmon.rules.github_headers import read_date

Clock = Callable[[], float]
# A date is read once in this time; a better one is asked for in the time after.
SECONDS_BETWEEN_READINGS = 1.0
SECONDS_OF_A_GENERATION = 300.0
# Dates have whole seconds and answers take a while: no more can be said of a clock that is nearly right.
NEARLY_RIGHT_S = 3.0


class ServerClock:
    """Holds how far GitHub's clock is from the monotonic one.

    A date is made before it arrives, so of several differences the largest is the nearest: late, reordered and cached
    answers do no harm. Differences are forgotten after ten minutes, for machines sleep.
    """

    def __init__(self, wall: Clock = time.time, monotonic: Clock = time.monotonic) -> None:
        self._wall = wall
        self._monotonic = monotonic
        # When the date of an answer is worth reading again, on the monotonic clock.
        self.due_at = -math.inf
        self._began_at = 0.0
        self._now: float | None = None
        self._before: float | None = None
        # The larger of the two.
        self._difference: float | None = None

    def read(self, date: str | None, monotonic: float) -> None:
        """Takes in the ``date`` header of an answer that has just arrived."""
        self.due_at = monotonic + SECONDS_BETWEEN_READINGS
        at = read_date(date)
        if at is None:
            return
        if monotonic - self._began_at >= SECONDS_OF_A_GENERATION:
            self._before, self._now, self._began_at = self._now, None, monotonic
        difference = at - monotonic
        self._now = difference if self._now is None else max(self._now, difference)
        self._difference = self._now if self._before is None else max(self._now, self._before)

    def now(self) -> float:
        """Returns unix seconds by GitHub's clock, or by the machine's where that is not known to be wrong."""
        here, difference = self._wall(), self._difference
        if difference is None:
            return here
        there = difference + self._monotonic()
        return here if -NEARLY_RIGHT_S <= there - here <= NEARLY_RIGHT_S else there
