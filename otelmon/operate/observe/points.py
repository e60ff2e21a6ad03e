"""Turns the rows of a view into the points of metrics."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from otelmon.operate.observe.look import labels_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from otelmon.operate.observe.look import Measure, Plan

Attributes = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Point:
    """Holds one value of one metric; ``since`` is when a counter began to count, where the server says so."""

    metric: str
    value: int | float
    attributes: Attributes = ()
    since: object = None


def points_of(plan: Plan, rows: Sequence[Mapping[str, object]]) -> list[Point]:
    """Returns what the rows of a look say; a value that is not known gives no point."""
    folded = [point for alias, measure in plan.measures if measure.fold for point in _fold(alias, measure, rows)]
    plain = [(alias, measure) for alias, measure in plan.measures if not measure.fold]
    return [*folded, *(point for row in rows for point in _row_points(plan, plain, row))]


def number(value: object) -> int | float | None:
    """Returns a value of the server as a number that telemetry can carry, or None where it is none."""
    if isinstance(value, Decimal):
        whole = value.is_finite() and value == value.to_integral_value()
        return int(value) if whole else float(value)
    return value if isinstance(value, (int, float)) else None


def _row_points(plan: Plan, measures: Sequence[tuple[str, Measure]], row: Mapping[str, object]) -> Iterator[Point]:
    labels = labels_of(plan.look, row)
    since = row.get("since")
    for alias, measure in measures:
        value = number(row[alias])
        if value is not None:
            yield Point(measure.metric, value, (*labels, *measure.attributes), since)


def _fold(alias: str, measure: Measure, rows: Sequence[Mapping[str, object]]) -> Iterator[Point]:
    """Yields one point for all rows; none where there are rows and not one of them knows."""
    known = [value for row in rows if (value := number(row[alias])) is not None]
    if known or not rows:
        amounts = {"count": len(known), "sum": sum(known), "max": max(known, default=0)}
        yield Point(measure.metric, amounts[measure.fold or "count"], measure.attributes)
