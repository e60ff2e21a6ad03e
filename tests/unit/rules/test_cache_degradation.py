"""A cache is compared with itself: a fall is told once, and chance, quiet and cold starts are none."""

from __future__ import annotations

import random

import pytest

from otelmon.rules.cache_degradation import (
    COLD,
    LEAST_BASE,
    LEAST_REQUESTS,
    LONGEST_EPISODE,
    LOW_WINDOWS,
    MOST_BASE,
    WINDOWS_BELOW,
    CacheFinding,
    CacheStanding,
    CacheWindow,
    dominating_cause,
    has_fallen,
    next_standing,
)

GOOD = CacheWindow(hits=90, misses=10, absent=10)
BAD = CacheWindow(hits=40, misses=60, absent=10, expired=50)


def findings(windows: list[CacheWindow]) -> list[tuple[int, CacheFinding]]:
    """Returns what is found, with the number of the window in which it is."""
    standing, found = CacheStanding(), []
    for number, window in enumerate(windows, 1):
        standing, finding = next_standing(standing, window)
        if finding is not None:
            found.append((number, finding))
    return found


LEARNED = COLD + LEAST_BASE


def test_fall_is_told_once_with_its_cause() -> None:
    """The second window below tells of it, then nothing does until the cache has recovered and falls again."""
    steady = [GOOD] * LEARNED
    found = findings([*steady, *[BAD] * 10, *[GOOD] * 5, *[BAD] * 10])
    assert [number for number, _ in found] == [LEARNED + WINDOWS_BELOW, LEARNED + 15 + WINDOWS_BELOW]
    first = found[0][1]
    assert (first.kind, first.ratio, first.base_ratio, first.requests, first.cause) == (
        "degraded",
        0.4,
        0.9,
        100,
        "expired",
    )
    assert "longer" in first.advice


@pytest.mark.parametrize(
    "windows",
    [
        pytest.param([GOOD] * 50, id="steady"),
        pytest.param([*[GOOD] * 10, BAD, *[GOOD] * 10, BAD, *[GOOD] * 3], id="single bursts"),
        pytest.param(
            [CacheWindow(number, 100 - number) for number in (0, 20, 40, 60, 80, 90, 90, 90)], id="cold start"
        ),
        pytest.param([BAD] * 2 + [GOOD] * 20, id="rises"),
        pytest.param([*[GOOD] * 10, *[CacheWindow(82, 18)] * 20], id="falls by less than ten points"),
        pytest.param([GOOD] * (LEARNED - 1) + [BAD] * 2, id="no base yet"),
    ],
)
def test_nothing_is_told(windows: list[CacheWindow]) -> None:
    """What is no fall is not told."""
    assert findings(windows) == []


def test_new_normal_ends_the_episode() -> None:
    """A cache that stays as it is for long gets a new base, and a further fall is told again."""
    found = findings([*[GOOD] * 10, *[CacheWindow(60, 40)] * (LONGEST_EPISODE + 20), *[CacheWindow(20, 80)] * 3])
    assert [finding.base_ratio for _, finding in found] == [0.9, 0.6]


def test_cache_that_was_never_good_is_told_once() -> None:
    """Ten windows below one half are told once, and again only after better ones."""
    poor = CacheWindow(hits=20, misses=80, evicted=70)
    found = findings([poor] * 40)
    assert [(number, finding.kind, finding.cause) for number, finding in found] == [
        (COLD + LOW_WINDOWS, "low_ratio", "evicted")
    ]
    assert found[0][1].ratio == pytest.approx(0.2)
    assert "larger" in found[0][1].advice


@pytest.mark.parametrize(
    ("window", "cause"),
    [
        pytest.param(CacheWindow(1, 10, absent=6, expired=4), "absent", id="absent"),
        pytest.param(CacheWindow(1, 10, expired=6), "expired", id="expired"),
        pytest.param(CacheWindow(1, 10, evicted=10), "evicted", id="evicted"),
        pytest.param(CacheWindow(1, 10, absent=5, expired=5), None, id="none stands out"),
        pytest.param(CacheWindow(1, 10, expired=3), None, id="most are unknown"),
        pytest.param(CacheWindow(10, 0), None, id="no misses"),
    ],
)
def test_dominating_cause(window: CacheWindow, cause: str | None) -> None:
    """A cause dominates with more than half of all misses; unknown ones count against it."""
    assert dominating_cause(window) == cause


def test_chance_is_no_fall() -> None:
    """10,000 windows of the least traffic from a cache that does not change: no more than two findings in all."""
    chance = random.Random(4711)  # noqa: S311 - not for secrets
    total = 0
    for ratio in (0.5, 0.6, 0.8, 0.95):
        drawn = [sum(chance.random() < ratio for _ in range(LEAST_REQUESTS)) for _ in range(2500)]
        windows = [CacheWindow(hits, LEAST_REQUESTS - hits) for hits in drawn]
        total += sum(finding.kind == "degraded" for _, finding in findings(windows))
    assert total <= 2


def test_small_windows_need_a_larger_fall() -> None:
    """Fifty look-ups show a fall of thirty points, not of twelve; five thousand show twelve."""
    base = CacheWindow(800, 200)
    assert has_fallen(base, CacheWindow(25, 25))
    assert not has_fallen(base, CacheWindow(34, 16))
    assert has_fallen(base, CacheWindow(3400, 1600))
    assert not has_fallen(CacheWindow(MOST_BASE * 100, 0), CacheWindow(46, 4))


def numbers(windows: list[CacheWindow]) -> list[int]:
    """Returns the numbers of the windows in which something is found."""
    return [number for number, _ in findings(windows)]


def test_nothing_is_remembered_at_first() -> None:
    """A window without look-ups, and a cache that was never seen, are empty."""
    assert CacheWindow() == CacheWindow(0, 0, 0, 0, 0)
    assert CacheStanding() == CacheStanding((), 0, 0, 0, 0, low_told=False)
    assert LEAST_REQUESTS == 50


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        pytest.param([GOOD] * 6 + [BAD] * 2, [8], id="two of the start, four of the base, two below"),
        pytest.param([GOOD] * 5 + [BAD] * 2, [], id="three of the base"),
        pytest.param([GOOD] * 6 + [BAD], [], id="one below"),
        pytest.param([GOOD] * 6 + [BAD] * 5 + [GOOD, BAD, GOOD], [8], id="one below after the first episode"),
        pytest.param([GOOD] * 6 + [BAD] * 5 + [GOOD] + [BAD] * 2, [8, 14], id="two below after it"),
        pytest.param([CacheWindow(50, 50)] * 40, [], id="one half is not low"),
        pytest.param([CacheWindow(49, 51)] * 11, [], id="nine low ones"),
        pytest.param([CacheWindow(49, 51)] * 40, [12], id="ten low ones"),
        pytest.param([CacheWindow(49, 51)] * 12 + [GOOD] + [CacheWindow(49, 51)] * 9, [12], id="nine anew"),
        pytest.param([CacheWindow(49, 51)] * 12 + [GOOD] + [CacheWindow(49, 51)] * 30, [12, 23], id="ten anew"),
    ],
)
def test_in_which_window_it_is_told(windows: list[CacheWindow], expected: list[int]) -> None:
    """Told as early as the rule says, and not a window earlier."""
    assert numbers(windows) == expected


def test_low_ratio_is_that_of_ten_windows() -> None:
    """What is told of a cache that was never good are the look-ups of the windows that told it."""
    ((_, finding),) = findings([CacheWindow(20, 80)] * 20)
    assert finding.requests == 1000


@pytest.mark.parametrize(("after", "base"), [(19, 0.895), (20, 0.9)])
def test_base_is_of_twenty_windows(after: int, base: float) -> None:
    """A window leaves the base when twenty newer ones are there."""
    found = findings([GOOD, GOOD, CacheWindow(80, 20), *[GOOD] * after, BAD, BAD])
    assert [finding.base_ratio for _, finding in found] == [pytest.approx(base)]


@pytest.mark.parametrize(("low", "expected"), [(66, [8, 74]), (65, [8])])
def test_sixty_windows_are_the_new_normal(low: int, expected: list[int]) -> None:
    """Two windows begin an episode, sixty more end it, four are the new base, and two below that are told of."""
    further = [CacheWindow(40, 60)] * low + [CacheWindow(1, 99)] * 2
    assert numbers([GOOD] * 6 + further) == expected


@pytest.mark.parametrize(
    ("base", "window", "expected"),
    [
        pytest.param((900_000, 100_000), (795_000, 205_000), True, id="a tenth and a bit"),
        pytest.param((900_000, 100_000), (805_000, 195_000), False, id="nearly a tenth"),
        pytest.param((100_000, 900_000), (0, 1_000_000), False, id="a tenth exactly"),
        pytest.param((800, 200), (31, 19), True, id="beyond three deviations"),
        pytest.param((800, 200), (32, 18), False, id="within three deviations"),
        pytest.param((136, 64), (28, 32), True, id="just beyond"),
        pytest.param((168, 32), (69, 31), False, id="just within"),
    ],
)
def test_what_a_fall_is(base: tuple[int, int], window: tuple[int, int], expected: bool) -> None:
    """More than a tenth, and more than three standard deviations of the difference, smoothed by a hit and a miss."""
    assert has_fallen(CacheWindow(*base), CacheWindow(*window)) is expected


@pytest.mark.parametrize(("absent", "cause"), [(52, "absent"), (48, None), (50, None)])
def test_more_than_one_half_dominates(absent: int, cause: str | None) -> None:
    """One half is not enough."""
    assert dominating_cause(CacheWindow(1, 100, absent=absent)) == cause
