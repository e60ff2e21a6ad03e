"""Replays a record against a limit, by the states that vmalert and Prometheus know: pending, firing, over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from otelmon.operate.baseline.series import Curve, Record

Side = Literal["above", "below"]
# A figure that was away for as long begins anew; stores look back as far by default.
SECONDS_OF_GAP = 300.0


@dataclass(frozen=True, slots=True)
class Judgment:
    """Says when a value is an alarm: at a limit, on one side of it, held for a while, over for a while."""

    limit: float
    side: Side
    hold: float
    clear: float

    def breached(self, value: float) -> bool:
        """Returns whether a value is a breach; as the rules, ``>=`` above and ``<`` below."""
        return value >= self.limit if self.side == "above" else value < self.limit


def alarms(record: Record, judgment: Judgment) -> int:
    """Returns how many alarms a record would have raised."""
    return sum(_alarms_of(curve, judgment) for curve in record.curves)


def _alarms_of(curve: Curve, judgment: Judgment) -> int:
    """Counts the times at which a curve begins to fire."""
    found, firing = 0, False
    pending: float | None = None
    last_breach = previous = float("-inf")
    for moment, value in curve.points:
        if moment - previous > SECONDS_OF_GAP:
            firing, pending = False, None
        previous = moment
        if not judgment.breached(value):
            firing = firing and moment - last_breach <= judgment.clear
            pending = None
            continue
        pending = moment if pending is None else pending
        if not firing and moment - pending >= judgment.hold:
            firing, found = True, found + 1
        last_breach = moment
    return found
