"""Joins the results of queries into sections: rows by labels, figures with their ages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate.overview.queries import FIGURE, NEWEST, QUERIES
from otelmon.operate.overview.values import Figure, Row, Section

if TYPE_CHECKING:
    from collections.abc import Mapping

    from otelmon.operate.overview.prometheus import Result

Labels = tuple[tuple[str, str], ...]
MOST_ROWS = 200
MOST_ORDERED_ROWS = 20
# By which figure the rows of a section stand in order, the largest first; other sections stand by their labels.
ORDER = {"statements": "slow", "server statements": "time", "losses": "lost", "processes": "heartbeat age"}


def section_of(name: str, result: Result, now: float) -> Section:
    """Returns one section.

    Args:
        name: of the section.
        result: of ``queries.question``.
        now: unix seconds, from which ages count.
    """
    if result.reason:
        return Section(name, (), result.reason)
    found: dict[str, dict[Labels, float]] = {}
    for series in result.series:
        labels = tuple(sorted((key, value) for key, value in series.labels.items() if key != FIGURE))
        if series.points:
            found.setdefault(series.labels.get(FIGURE, ""), {})[labels] = series.points[-1][1]
    rows: dict[Labels, dict[str, Figure]] = {}
    for query in (each for each in QUERIES if each.section == name):
        newest = found.get(f"{query.figure}{NEWEST}", {})
        for labels, value in found.get(query.figure, {}).items():
            rows.setdefault(labels, {})[query.figure] = Figure(value, query.unit, _age(newest.get(labels), now))
    ordered = sorted(rows.items(), key=lambda row: _place(name, row[0], row[1]))
    most = MOST_ORDERED_ROWS if name in ORDER else MOST_ROWS
    return Section(name, tuple(Row(dict(labels), figures) for labels, figures in ordered[:most]))


def _age(newest: float | None, now: float) -> float | None:
    """Returns seconds since a time; clocks that differ give no negative age."""
    return None if newest is None else max(0.0, now - newest)


def _place(section: str, labels: Labels, figures: Mapping[str, Figure]) -> tuple[float, Labels]:
    figure = figures.get(ORDER.get(section, ""))
    return -(figure.value or 0.0) if figure is not None else 0.0, labels
