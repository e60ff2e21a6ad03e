"""What a flood adds to a percentile: the ratio, and an interval that grows with what differs between blocks."""

from __future__ import annotations

import random

from benchmarks.health.interval import Pair, percentile, ratio_of_percentiles


def block(draws: random.Random, factor: float) -> list[float]:
    """Returns what requests of one block took: three milliseconds, and for some a while more."""
    return sorted(factor * (0.003 + draws.expovariate(1000)) for _ in range(500))


def pairs(machine: float, flood: float) -> list[Pair]:
    """Returns pairs of blocks; the machine is up to so many times slower in some of them, the flood adds a share."""
    draws = random.Random(7)  # noqa: S311 - no secret
    slower = [draws.uniform(1, machine) for _ in range(20)]
    return [Pair(block(draws, each), block(draws, each * (1 + flood))) for each in slower]


def test_what_is_added_lies_in_the_interval() -> None:
    """Whatever the machine does to both blocks of a pair is no share of the flood."""
    for machine in (1.0, 1.5):
        low, value, high = ratio_of_percentiles(pairs(machine, 0.2), 0.99)
        assert low <= value <= high
        assert low < 1.2 < high
        assert low > 1.05


def test_nothing_added_is_nothing() -> None:
    """The same blocks give exactly one; blocks that only chance tells apart an interval around it."""
    same = [Pair(each.calm, each.calm) for each in pairs(1.5, 0.0)]
    assert ratio_of_percentiles(same, 0.99) == (1.0, 1.0, 1.0)
    low, _, high = ratio_of_percentiles(pairs(1.0, 0.0), 0.99)
    assert low < 1.0 < high


def test_a_percentile_is_a_value_that_was_seen() -> None:
    """By nearest rank, whatever the order."""
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([1.0, 2.0], 0.99) == 2.0
