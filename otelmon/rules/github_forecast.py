"""Foretells when a GitHub budget will be spent, from its recent use."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from otelmon.records import Forecast

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from otelmon.records import BudgetLevel, RateLimit

# Less use, or a shorter time, says nothing about a pace.
LEAST_SECONDS = 2.0
LEAST_USED = 3
SECONDS_TO_WARN, SHARE_TO_WARN = 120.0, 0.2
WARNING_RATIO = 0.8
CRITICAL_RATIO = 0.95


# History is cut into so many equal stretches; Student's 97.5 % quantile for as many less two.
_STRETCHES = 5
_STUDENT = 3.18
# A slope counts fully only where it is far larger than its own doubt, and is taken to last for a while as long as the
# history and half of it; a budget that is spent more slowly is taken to be spent at half its pace at least.
# Chosen on seeds 0 to 199 of the simulated paces; docs/github_proof.md shows what they come to on others.
_DOUBTS_OF_A_SLOPE = 3.0
_SLOPE_LASTS = 1.5
_LEAST_SHARE_OF_PACE = 0.5
# How far ahead is looked, in times of what the window has left, and by which steps.
_WINDOWS_AHEAD = 4.0
_SHORTEST_AHEAD_S = 60.0
_FIRST_STEP, _STEPS_GROW = 1 / 256, 1.3
_HALVINGS = 10


class Course(NamedTuple):
    """Holds how a budget is spent: a straight line through the rates of equal stretches of its history.

    ``rate`` is the mean of requests a second and ``slope`` its change a second; ``noise`` is the variance of the rate
    of one stretch around the line, ``doubt`` that of the slope; ``stretch`` and ``seconds`` are the lengths of one
    stretch and of the history.
    """

    rate: float
    slope: float
    noise: float
    doubt: float
    stretch: float
    seconds: float


def course_of(samples: Sequence[float], now: float) -> Course | None:
    """Returns the course that some samples show until now, or None while they say nothing.

    The noise is at least that of independent single requests.

    Args:
        samples: time in seconds and use by turns, oldest first.
        now: seconds of the same clock; silence since the last sample slows the pace down.
    """
    if not samples:
        return None
    seconds, spent = now - samples[0], samples[-1] - samples[1]
    if seconds < LEAST_SECONDS or spent < LEAST_USED:
        return None
    stretch = seconds / _STRETCHES
    rates = [each / stretch for each in _spent_by_stretch(samples, stretch)]
    rate = sum(rates) / _STRETCHES
    offsets = [stretch * (number - (_STRETCHES - 1) / 2) for number in range(_STRETCHES)]
    spread = sum(offset * offset for offset in offsets)
    slope = sum(offset * each for offset, each in zip(offsets, rates, strict=True)) / spread
    squares = sum((each - rate - slope * offset) ** 2 for offset, each in zip(offsets, rates, strict=True))
    noise = max(squares / (_STRETCHES - 2), rate / stretch)
    return Course(rate, slope, noise, noise / spread, stretch, seconds)


def _spent_by_stretch(samples: Sequence[float], stretch: float) -> list[float]:
    """Returns what was spent in each stretch, between two samples evenly and after the last nothing."""
    spent, at, before = [], 0, samples[1]
    last = len(samples) - 2
    for number in range(1, _STRETCHES + 1):
        end = samples[0] + number * stretch
        while at < last and samples[at + 2] <= end:
            at += 2
        used = samples[at + 1]
        if at < last:
            used += (samples[at + 3] - used) * (end - samples[at]) / (samples[at + 2] - samples[at])
        spent.append(used - before)
        before = used
    return spent


def pace_now(course: Course) -> float:
    """Returns the requests a second at the end of a course, the slope counted as far as it is certain."""
    return max(0.0, course.rate + _certain_slope(course) * course.seconds / 2)


def forecast(remaining: int, course: Course, reset_in: float) -> Forecast:
    """Returns when the remaining requests are spent if the course goes on, with a 95 % interval.

    The ends of the interval are those of the prediction interval of a straight line, and take a slope to last for ever
    where that makes the interval wider. Waves longer than the history are not foreseen.

    Args:
        remaining: requests.
        course: as ``course_of`` returns it.
        reset_in: seconds that the window has left.
    """
    horizon = _WINDOWS_AHEAD * max(_SHORTEST_AHEAD_S, reset_in)
    likely = _first_time(remaining, horizon, lambda ahead: _likely(course, ahead))
    estimate = remaining / course.rate if likely is None else likely
    soonest = _first_time(remaining, horizon, lambda ahead: _bound(course, ahead, 1))
    latest = _first_time(remaining, horizon, lambda ahead: _bound(course, ahead, -1))
    earliest = estimate if soonest is None else min(estimate, soonest)
    return Forecast(estimate, earliest, None if latest is None else max(estimate, latest))


def _certain_slope(course: Course) -> float:
    square = course.slope * course.slope
    return course.slope * square / (square + _DOUBTS_OF_A_SLOPE * course.doubt) if square else 0.0


def _mean_distance(course: Course, ahead: float, lasts: float) -> float:
    """Returns how far from the middle of the history the mean of the time ahead is, for a slope that ends somewhen."""
    sloping = min(ahead, lasts)
    return course.seconds / 2 + sloping - sloping * sloping / (2 * ahead)


def _likely(course: Course, ahead: float) -> float:
    distance = _mean_distance(course, ahead, _SLOPE_LASTS * course.seconds)
    return max(course.rate + _certain_slope(course) * distance, _LEAST_SHARE_OF_PACE * course.rate) * ahead


def _bound(course: Course, ahead: float, sign: int) -> float:
    """Returns the upper or lower end of what will be spent in some time ahead."""
    widens = course.slope * sign > 0
    distance = _mean_distance(course, ahead, math.inf if widens else _SLOPE_LASTS * course.seconds)
    variance = course.noise / _STRETCHES + course.doubt * distance * distance + course.noise * course.stretch / ahead
    return (max(course.rate + course.slope * distance, 0.0) + sign * _STUDENT * math.sqrt(variance)) * ahead


def _first_time(remaining: int, horizon: float, spent: Callable[[float], float]) -> float | None:
    """Returns the first time at which so much is spent, to a thousandth of its step; None within the horizon."""
    before, ahead = 0.0, horizon * _FIRST_STEP
    while spent(ahead) < remaining:
        before, ahead = ahead, ahead * _STEPS_GROW
        if ahead > horizon:
            return None
    for _ in range(_HALVINGS):
        middle = (before + ahead) / 2
        before, ahead = (before, middle) if spent(middle) >= remaining else (middle, ahead)
    return ahead


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
    """Tells whether a budget will almost certainly be spent before its window ends: by the end of the interval."""
    if foretold is None or reset_in is None or foretold.latest is None:
        return False
    return foretold.latest < reset_in


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
