"""A number of alarms in a time becomes a rate with its doubt."""

from __future__ import annotations

import math
from dataclasses import dataclass

WEEK = 7 * 86_400.0
STEPS = 60


@dataclass(frozen=True, slots=True)
class Rate:
    """Holds alarms a week; ``highest`` is the upper end of the one-sided 95 % interval of a Poisson process."""

    alarms: int
    seconds: float

    @property
    def a_week(self) -> float | None:
        """Returns the rate seen; None where nothing was recorded."""
        return self.alarms * WEEK / self.seconds if self.seconds > 0 else None

    @property
    def highest(self) -> float | None:
        """Returns the rate that the record does not rule out: 3 / time where there was no alarm (the rule of three)."""
        return upper_bound(self.alarms) * WEEK / self.seconds if self.seconds > 0 else None


def upper_bound(count: int) -> float:
    """Returns the mean above which a count as low as this has less than 5 % probability (Garwood 1936)."""
    low, high = float(count), count + 10.0 + 5.0 * math.sqrt(count + 1.0)
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(count, middle) > 0.05 else (low, middle)  # noqa: PLR2004 - 5 %
    return high


def _at_most(count: int, mean: float) -> float:
    """Returns the probability of no more than ``count`` events."""
    if mean == 0.0:
        return 1.0
    return sum(math.exp(each * math.log(mean) - mean - math.lgamma(each + 1)) for each in range(count + 1))
