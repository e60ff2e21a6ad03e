"""What is foretold of a GitHub budget, against figures that follow from straight lines by hand."""

from __future__ import annotations

import math

import pytest

from otelmon.records import Forecast, RateLimit
from otelmon.rules.github_forecast import (
    Course,
    course_of,
    forecast,
    is_seen_long_enough,
    is_spent_before_reset,
    level_of_use,
    next_level,
    pace_now,
)

close = pytest.approx
# Times are found to a thousandth of a step, and a step is three tenths of the time at most; requests are whole ones.
NEAR = 2e-3


@pytest.mark.parametrize(
    ("samples", "now", "expected"),
    [
        # Ten seconds are five stretches of two: offsets -4, -2, 0, 2, 4, whose squares come to 40.
        pytest.param([0, 0, 10, 10], 10, Course(1, 0, 1 / 2, 1 / 80, 2, 10), id="steady: noise of single requests"),
        pytest.param([50, 7, 60, 17], 60, Course(1, 0, 1 / 2, 1 / 80, 2, 10), id="neither time nor use begin at zero"),
        pytest.param([0, 0, 2, 4, 4, 16, 6, 36, 8, 64, 10, 100], 10, Course(10, 2, 5, 5 / 40, 2, 10), id="faster"),
        # Rates 5, 0, 10, 0, 10; the line's slope is 20 / 40, what is left of them is 2, -4, 5, -6, 3.
        pytest.param([0, 0, 2, 10, 4, 10, 6, 30, 8, 30, 10, 50], 10, Course(5, 0.5, 30, 30 / 40, 2, 10), id="uneven"),
        # Rates 2, 2, 1, 0, 0: nothing is known after the last sample, which counts as nothing.
        pytest.param([0, 0, 5, 10], 10, Course(1, -0.3, 1 / 2, 1 / 80, 2, 10), id="silent since half the time"),
        # Two samples in one stretch and none at any end: 1.5 a second, then 3.5; rates 1.5, 2.5, 3.5, 3.5, 3.5.
        pytest.param([0, 0, 1, 1.5, 3, 4.5, 10, 29], 10, Course(2.9, 0.25, 1.45, 1.45 / 40, 2, 10), id="between ends"),
        pytest.param([0, 0, 2, 3], 2, Course(1.5, 0, 3.75, 3.75 / 1.6, 0.4, 2), id="just long and much enough"),
        # Rates 2, then 1 four times: of two samples at a stretch's end the later one counts.
        pytest.param([0, 0, 2, 3, 2, 4, 10, 12], 10, Course(1.2, -0.1, 0.6, 0.6 / 40, 2, 10), id="two at one time"),
        pytest.param([0, 0, 1.9, 30], 1.9, None, id="too short"),
        pytest.param([0, 5, 30, 7], 30, None, id="too little"),
        pytest.param([], 30, None, id="nothing"),
    ],
)
def test_course(samples: list[float], now: float, expected: Course | None) -> None:
    """Five stretches of a history give a rate, its slope, and how uncertain both are."""
    assert course_of(samples, now) == (expected and close(expected))


@pytest.mark.parametrize(
    ("course", "expected"),
    [
        pytest.param(Course(10, 2, 0, 0, 2, 10), 20, id="certain: the line's end"),
        pytest.param(Course(10, 2, 0, 4 / 3, 2, 10), 15, id="as large as its doubt thrice: half of it"),
        pytest.param(Course(10, 0, 0, 0, 2, 10), 10, id="level"),
        pytest.param(Course(1, -2, 0, 0, 2, 10), 0, id="never below nothing"),
        pytest.param(Course(0.5, 0, 0, 0, 2, 10), 0.5, id="slow"),
    ],
)
def test_pace(course: Course, expected: float) -> None:
    """The pace now is where the line ends, the slope counted as far as it is certain."""
    assert pace_now(course) == close(expected)


STEADY = Course(1, 0, 0, 0, 2, 10)
# The slope lasts fifteen seconds: within these (20 + t) * t are spent in t, after them 50 * t - 225.
FASTER = Course(10, 2, 0, 0, 2, 10)
# (7.5 - t / 4) * t, and after fifteen seconds nothing; as a guess, half of the pace at least.
SLOWER = Course(10, -0.5, 0, 0, 2, 10)
DURING = math.sqrt(100 + 252) - 10
SLOWER_40 = 15 - math.sqrt(225 - 160)


@pytest.mark.parametrize(
    ("course", "remaining", "expected"),
    [
        pytest.param(FASTER, 252, (DURING, DURING, DURING), id="while the slope lasts"),
        pytest.param(FASTER, 1275, (30, math.sqrt(100 + 1275) - 10, 30), id="after it; for ever at the earlier end"),
        pytest.param(SLOWER, 40, (SLOWER_40, SLOWER_40, SLOWER_40), id="slower"),
        pytest.param(SLOWER, 80, (16, 16, None), id="as a guess at half the pace, else never"),
        pytest.param(FASTER, 10**6, (10**5, math.sqrt(100 + 10**6) - 10, None), id="not within an hour: at its rate"),
    ],
)
def test_times_of_a_certain_slope(course: Course, remaining: int, expected: tuple[float, float, float | None]) -> None:
    """Without noise the three times follow from the area below the line."""
    found = forecast(remaining, course, 900)
    assert found == Forecast(*(None if each is None else close(each, rel=NEAR) for each in expected))


@pytest.mark.parametrize(
    ("course", "seconds", "distance"),
    [
        pytest.param(Course(10, 0, 5, 0, 2, 10), 10, 5 + 5, id="noise"),
        pytest.param(Course(10, 0, 5, 0, 2, 10), 100, 5 + 15, id="noise, far ahead"),
        # A level line whose slope is in doubt: it lasts for fifteen seconds, up and down.
        pytest.param(Course(10, 0, 0, 0.01, 2, 10), 30, 5 + 15 - 15**2 / 60, id="doubt"),
        pytest.param(Course(100, 0, 50, 0.2, 1, 20), 8, 10 + 4, id="both"),
    ],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_ends_of_the_interval(course: Course, seconds: float, distance: float, sign: int) -> None:
    """They are those of the prediction interval of a straight line, by Student's quantile of three degrees: 3.18."""
    variance = course.noise / 5 + course.doubt * distance**2 + course.noise * course.stretch / seconds
    spent = (course.rate + sign * 3.18 * math.sqrt(variance)) * seconds
    found = forecast(round(spent), course, 900)
    assert (found.earliest if sign > 0 else found.latest) == close(seconds, rel=5e-3)
    assert found.estimate == close(round(spent) / course.rate, rel=NEAR)


@pytest.mark.parametrize(
    ("slope", "distances"),
    [
        pytest.param(0.4, (5 + 50, 5 + 15 - 15**2 / 200), id="up: for ever at the earlier end"),
        pytest.param(-0.4, (5 + 15 - 15**2 / 200, 5 + 50), id="down: for ever at the later one"),
    ],
)
def test_slope_lasts_where_that_widens_the_interval(slope: float, distances: tuple[float, float]) -> None:
    """Up to the earlier end and down to the later one a slope does not end; the other way it does."""
    course = Course(100, slope, 0, 0, 2, 10)
    upper, lower = (round((100 + slope * each) * 100) for each in distances)
    assert forecast(upper, course, 900).earliest == close(100, rel=NEAR)
    assert forecast(lower, course, 900).latest == close(100, rel=NEAR)


def test_lower_end_is_never_a_gain() -> None:
    """A line below zero spends nothing more, but for noise: what is left is never spent, at the later end."""
    noisy = Course(1, -0.5, 5, 0, 2, 10)
    assert forecast(round(10 * 3.18 * math.sqrt(5 / 5 + 5 * 2 / 10)), noisy, 900).earliest == close(10, rel=5e-3)
    assert forecast(3, Course(1, -0.5, 0, 0, 2, 10), 900) == Forecast(close(6, rel=NEAR), close(6, rel=NEAR), None)


@pytest.mark.parametrize(
    ("reset_in", "remaining", "expected"),
    [
        # Four windows are 3600 s; the first step is a 256th of them, cut ten times in halves.
        pytest.param(900, 10, 729 / 1024 * 3600 / 256, id="within the first step"),
        pytest.param(900, 16, 3600 / 256 * (1 + 0.3 * 471 / 1024), id="within the second, which is longer by 0.3"),
        pytest.param(1024, 8, 8, id="exactly the middle of the first"),
        pytest.param(1024, 16, 16, id="exactly the first step"),
        pytest.param(1, 1, 240 / 256 * (1 + 0.3 * 228 / 1024), id="of four minutes at least"),
    ],
)
def test_steps_of_the_search(reset_in: float, remaining: int, expected: float) -> None:
    """The time that is given is the end of a thousandth of a step."""
    assert forecast(remaining, STEADY, reset_in).latest == close(expected, rel=1e-9)


def test_how_far_is_looked_ahead() -> None:
    """Four times what the window has left, in whole steps: the last ends 0.965 of the way."""
    assert forecast(3400, STEADY, 900).latest == close(3400, rel=NEAR)
    assert forecast(3500, STEADY, 900) == Forecast(3500, 3500, None)
    assert forecast(230, STEADY, 1).latest == close(230, rel=NEAR)
    assert forecast(235, STEADY, 1).latest is None


@pytest.mark.parametrize(
    ("state", "level", "following"),
    [
        pytest.param(RateLimit(100, 21, 79), None, 80, id="below 80 %"),
        pytest.param(RateLimit(100, 20, 80), "warning", 95, id="80 %"),
        pytest.param(RateLimit(100, 6, 94), "warning", 95, id="below 95 %"),
        pytest.param(RateLimit(100, 5, 95), "critical", math.inf, id="95 %"),
        pytest.param(RateLimit(100, 0, None), "critical", math.inf, id="nothing left"),
        pytest.param(RateLimit(100, 1, None), None, 80, id="one left, use unknown"),
        pytest.param(RateLimit(None, 50, 50), None, math.inf, id="limit unknown"),
        pytest.param(RateLimit(0, 1, 1), None, math.inf, id="limit of nothing"),
    ],
)
def test_levels(state: RateLimit, level: str | None, following: float) -> None:
    """A window is at a level from 80 and 95 % on, and what is unknown is at none."""
    assert (level_of_use(state), next_level(state)) == (level, close(following))


@pytest.mark.parametrize(
    ("foretold", "reset_in", "expected"),
    [
        (Forecast(1, 1, 99.9), 100, True),
        (Forecast(1, 1, 100), 100, False),
        (Forecast(1, 1, None), 100, False),
        (Forecast(1, 1, 1), None, False),
        (None, 100, False),
    ],
)
def test_spent_before_reset(foretold: Forecast | None, reset_in: float | None, expected: bool) -> None:
    """Only where the latest time is before the reset, and known."""
    assert is_spent_before_reset(foretold, reset_in) is expected


@pytest.mark.parametrize(
    ("seconds", "reset_in", "expected"),
    [(120, 3600, True), (119.9, 3600, False), (20, 100, True), (19.9, 100, False)],
)
def test_seen_long_enough(seconds: float, reset_in: float, expected: bool) -> None:
    """Two minutes, or a fifth of what the window has left."""
    assert is_seen_long_enough(seconds, reset_in) is expected
