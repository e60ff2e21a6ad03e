"""Keeps counters growing over resets: what the server counted since the observer first saw a series."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from otelmon.operate.observe.points import Attributes, Point

MOST_SERIES = 20_000


@dataclass(slots=True)
class _Series:
    """Holds the last figure of the server, since when it counts, and what has been added up."""

    last: int | float | None
    since: object
    total: int | float = 0


class Totals:
    """Holds one running total for each series of a counter; the one not seen for longest makes room."""

    def __init__(self, counters: AbstractSet[str], most: int = MOST_SERIES) -> None:
        self._counters = counters
        self._most = most
        self._series: OrderedDict[tuple[str, Attributes], _Series] = OrderedDict()

    def forget_base(self) -> None:
        """Takes the next figures as a new beginning: they come from another server, whose counts say nothing here."""
        for series in self._series.values():
            series.last = None

    def grown(self, points: Iterable[Point], *, shrinks: bool) -> Iterator[Point]:
        """Yields the points, counters as totals since first seen: never smaller than before.

        Args:
            points: with the figures of the server.
            shrinks: whether a smaller figure means that entries were evicted, and not that counting began anew.
        """
        for point in points:
            yield replace(point, value=self._add(point, shrinks=shrinks)) if self._counts(point) else point

    def _counts(self, point: Point) -> bool:
        return point.metric in self._counters

    def _add(self, point: Point, *, shrinks: bool) -> int | float:
        key = (point.metric, point.attributes)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = _Series(point.value, point.since)
        series.total += growth(series.last, series.since, point, shrinks=shrinks)
        series.last, series.since = point.value, point.since
        self._series.move_to_end(key)
        if len(self._series) > self._most:
            self._series.popitem(last=False)
        return series.total


def growth(last: float | None, since: object, point: Point, *, shrinks: bool) -> int | float:
    """Returns by how much a counter has grown between two figures of the server, at least 0.

    Where counting began anew between them, the new figure is what was counted since; what ran between the last figure
    and the reset is not known to anybody.
    """
    if last is None:
        return 0
    if point.since != since:
        return point.value
    if point.value >= last:
        return point.value - last
    return 0 if shrinks else point.value
