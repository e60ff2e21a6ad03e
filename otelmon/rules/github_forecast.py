"""Foretells when a GitHub budget will be spent, from its recent use."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from otelmon.records import Forecast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from otelmon.records import BudgetLevel, RateLimit

# Two-sided 95 % of the normal distribution.
_Z = 1.96
# Less use, or a shorter time, says nothing about a pace.
LEAST_SECONDS = 2.0
LEAST_USED = 3
SECONDS_TO_WARN, SHARE_TO_WARN = 120.0, 0.2
WARNING_RATIO = 0.8
CRITICAL_RATIO = 0.95


class Pace(NamedTuple):
    """Holds how fast a budget is spent: ``rate`` and ``variance`` a second, seen for ``seconds``."""

    rate: float
    variance: float
    seconds: float


def pace_of(samples: Sequence[float], now: float) -> Pace | None:
    """Returns the pace over some samples until now, or None while they say nothing.

    The variance is that of increments around an even pace, at least that of independent single requests.

    Args:
        samples: time in seconds and use by turns, oldest first.
        now: seconds of the same clock; silence since the last sample slows the pace down.
    """
    times, uses = samples[::2], samples[1::2]
    seconds, spent = (now - times[0], uses[-1] - uses[0]) if times else (0.0, 0.0)
    if seconds < LEAST_SECONDS or spent < LEAST_USED:
        return None
    rate = spent / seconds
    ends = (*times[1:], now)
    steps = [later - earlier for earlier, later in zip(times, ends, strict=True)]
    increments = [later - earlier for earlier, later in zip(uses, (*uses[1:], uses[-1]), strict=True)]
    squares = sum((spent - rate * step) ** 2 for spent, step in zip(increments, steps, strict=True))
    return Pace(rate, max(rate, squares / seconds), seconds)


def forecast(remaining: int, pace: Pace) -> Forecast:
    """Returns when the remaining requests are spent if the pace goes on, with a 95 % interval.

    Two things are uncertain: the pace itself, from the time that it was seen for, and how evenly it goes on. A change
    of the pace is not foreseen.

    Args:
        remaining: requests.
        pace: as ``pace_of`` returns it.
    """
    doubt = _Z * math.sqrt(pace.variance / pace.seconds)
    estimate = remaining / pace.rate
    scatter = _Z * math.sqrt(pace.variance * remaining / pace.rate**3)
    slowest = pace.rate - doubt
    earliest = remaining / (pace.rate + doubt) - scatter
    latest = remaining / slowest + scatter if slowest > 0 else None
    return Forecast(estimate, max(0.0, earliest), latest)


def level_of_use(state: RateLimit) -> BudgetLevel | None:
    """Returns how far a window is spent: ``warning`` from 80 % on, ``critical`` from 95 %."""
    if state.remaining == 0:
        return "critical"
    if not state.limit or state.used is None:
        return None
    if state.used >= CRITICAL_RATIO * state.limit:
        return "critical"
    return "warning" if state.used >= WARNING_RATIO * state.limit else None


def is_spent_before_reset(foretold: Forecast | None, reset_in: float | None) -> bool:
    """Tells whether a budget will almost certainly be spent before its window ends.

    Many processes ask many times a window, so twice the doubt of a 95 % interval is wanted.
    """
    if foretold is None or reset_in is None or foretold.latest is None:
        return False
    return 2 * foretold.latest - foretold.estimate < reset_in


def is_seen_long_enough(seconds: float, reset_in: float) -> bool:
    """Tells whether a pace was seen for long enough to warn of it: two minutes, or a fifth of what the window has left.

    Traffic comes in bursts; a burst must not pass for a pace.
    """
    return seconds >= min(SECONDS_TO_WARN, reset_in * SHARE_TO_WARN)


def next_level(state: RateLimit) -> float:
    """Returns the use from which on the level of a window is higher than now; infinite where there is none."""
    if not state.limit or level_of_use(state) == "critical":
        return math.inf
    return state.limit * (CRITICAL_RATIO if level_of_use(state) == "warning" else WARNING_RATIO)
