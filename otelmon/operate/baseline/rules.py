"""Which figure of which rule a threshold limits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from otelmon.operate.alerts.catalogue import RULES
from otelmon.operate.alerts.rendering import expression
from otelmon.operate.alerts.thresholds import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from otelmon.operate.baseline.replay import Side


@dataclass(frozen=True, slots=True)
class Measured:
    """Holds the PromQL of the figure that a threshold limits, and how it is judged."""

    threshold: str
    query: str
    side: Side
    hold: float


def measured(values: Mapping[str, float]) -> tuple[Measured, ...]:
    """Returns every threshold that limits a figure; those that only guard one have no baseline."""
    found: dict[str, Measured] = {}
    for rule in RULES:
        if rule.limit in BY_NAME:
            free = expression(replace(rule, compare=""), values)
            hold = values["hold_seconds"] if rule.hold < 0 else float(rule.hold)
            found[rule.limit] = Measured(rule.limit, free, "below" if rule.compare == "<" else "above", hold)
    return tuple(found.values())
