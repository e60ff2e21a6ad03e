"""Proposes the tightest limit that a record shows to be quiet enough."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from otelmon.operate.baseline.rate import WEEK, Rate
from otelmon.operate.baseline.replay import Judgment, alarms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from otelmon.operate.alerts.threshold import Threshold
    from otelmon.operate.baseline.replay import Side
    from otelmon.operate.baseline.series import Record

# Below that a record says nothing about a week.
FEWEST_POINTS = 60
# What a record has shown is not the worst that will come: the limit stands a tenth beyond it.
MARGIN = 0.1
DIGITS = 2
MOST_CANDIDATES = 400


@dataclass(frozen=True, slots=True)
class Wanted:
    """Says how a limit is judged: its side, times, and how many false alarms a week are bearable."""

    side: Side
    hold: float
    clear: float
    a_week: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """Holds the present limit and the proposed one with their rates; None and a reason where none can be proposed."""

    threshold: str
    unit: str
    present: float
    present_rate: Rate
    proposed: float | None
    proposed_rate: Rate | None
    reason: str = ""


def propose(record: Record, threshold: Threshold, present: float, wanted: Wanted) -> Proposal:
    """Returns the proposal for one threshold.

    Args:
        record: of ordinary operation; what was an incident must be cut out before, else its alarms count as false.
        threshold: its accepted range is kept.
        present: the limit in force.
        wanted: what is bearable.
    """
    now = Rate(_count(record, present, wanted), record.seconds)
    values = [value for curve in record.curves for _, value in curve.points if math.isfinite(value)]
    if len(values) < FEWEST_POINTS:
        reason = f"{len(values)} points are too few; {FEWEST_POINTS} are needed"
        return Proposal(threshold.name, threshold.unit, present, now, None, None, reason)
    bearable = math.floor(wanted.a_week * record.seconds / WEEK)
    tried = [min(max(each, threshold.low), threshold.high) for each in candidates(values, wanted.side)]
    # The further away a limit, the fewer alarms: halving finds the first that is quiet enough, save for a bump or two.
    first = bisect_left(tried, True, key=lambda limit: _count(record, limit, wanted) <= bearable)
    for limit in tried[first:]:
        if (count := _count(record, limit, wanted)) <= bearable:
            return Proposal(threshold.name, threshold.unit, present, now, limit, Rate(count, record.seconds))
    reason = "even the far end of the accepted range would ring too often"
    return Proposal(threshold.name, threshold.unit, present, now, None, None, reason)


def _count(record: Record, limit: float, wanted: Wanted) -> int:
    return alarms(record, Judgment(limit, wanted.side, wanted.hold, wanted.clear))


def candidates(values: Sequence[float], side: Side) -> list[float]:
    """Returns limits to try, the tightest first: quantiles of what was seen, a margin further, to two digits."""
    ordered = sorted(set(values), reverse=side == "below")
    step = max(len(ordered) // MOST_CANDIDATES, 1)
    tried = [*ordered[len(ordered) // 2 :: step], ordered[-1]]
    away = 1 + MARGIN if side == "above" else 1 - MARGIN
    return list(dict.fromkeys(rounded(each * away, side) for each in tried))


def rounded(value: float, side: Side) -> float:
    """Returns a number of two digits, away from what was seen."""
    if value == 0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - DIGITS + 1)
    whole = math.ceil(value / unit - 1e-9) if side == "above" else math.floor(value / unit + 1e-9)
    return float(f"{whole * unit:.12g}")
