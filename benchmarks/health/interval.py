"""How a percentile of one kind of blocks stands to that of another, with the doubt that blocks leave."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

RESAMPLES, OUTSIDE = 500, 0.025
# Any number will do: the same pairs then give the same interval.
SEED = 1


class Pair(NamedTuple):
    """Holds what single requests took in two neighboring blocks, each in order of size."""

    calm: Sequence[float]
    flooded: Sequence[float]


class Interval(NamedTuple):
    """Holds a figure between the bounds of its 95 % interval."""

    low: float
    value: float
    high: float


def percentile(values: Sequence[float], share: float) -> float:
    """Returns a percentile by nearest rank, in the unit of the values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def ratio_of_percentiles(pairs: Sequence[Pair], share: float) -> Interval:
    """Returns the percentile of all flooded requests by that of all calm ones.

    The interval is a bootstrap's: pairs are drawn anew with repetition, not single requests, because requests of one
    block share the state of the machine (B. Efron, R. Tibshirani, An Introduction to the Bootstrap, chapter 13).
    """
    draws = random.Random(SEED)  # noqa: S311 - no secret
    drawn = sorted(_ratio(draws.choices(pairs, k=len(pairs)), share) for _ in range(RESAMPLES))
    return Interval(percentile(drawn, OUTSIDE), _ratio(pairs, share), percentile(drawn, 1 - OUTSIDE))


def _ratio(pairs: Sequence[Pair], share: float) -> float:
    calm = [each for pair in pairs for each in pair.calm]
    flooded = [each for pair in pairs for each in pair.flooded]
    return percentile(flooded, share) / percentile(calm, share)
