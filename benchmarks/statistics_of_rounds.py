"""Medians with quartiles over rounds; differences are taken within a round, where the machine was the same."""

from __future__ import annotations

import math
import statistics
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True)
class Spread:
    """Holds a median and its quartiles."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """Returns the quartiles of at least two values."""
        low, median, high = statistics.quantiles(values, n=4, method="inclusive")
        return cls(low, median, high)

    def __str__(self) -> str:
        return f"{self.median:.0f} [{self.low:.0f}-{self.high:.0f}]"


def median_interval(values: Iterable[float], confidence: float = 0.95) -> tuple[float, float, float]:
    """Returns the median between the bounds of its interval, which supposes nothing of how values are distributed.

    The bounds are those ordered values between which the true median lies with the confidence, by the binomial
    distribution of how many values lie below it; of fewer than six values they are the outermost.
    """
    ordered = sorted(values)
    count, outside, rank = len(ordered), 0.0, 0
    while rank < count // 2:
        outside += 2 * math.comb(count, rank) / 2**count
        if outside > 1 - confidence:
            break
        rank += 1
    rank = max(rank - 1, 0)
    return ordered[rank], statistics.median(ordered), ordered[count - 1 - rank]


def summarize(rounds: Sequence[Mapping[str, Mapping[str, float]]], base: str) -> dict[str, dict[str, object]]:
    """Returns per variant its own figures and what it adds to the base variant of the same round.

    Args:
        rounds: per round and variant, figures in microseconds per operation.
        base: the variant that others are compared with.
    """
    summary: dict[str, dict[str, object]] = {}
    for variant in rounds[0]:
        figures: dict[str, object] = {}
        for figure in rounds[0][variant]:
            figures[figure] = asdict(Spread.of(each[variant][figure] for each in rounds))
            added = [each[variant][figure] - each[base][figure] for each in rounds]
            figures[f"{figure}_added"] = asdict(Spread.of(added))
        summary[variant] = figures
    return summary
