"""Aggregates measured times where they are measured, so that a call costs an addition and not the SDK's measurement.

No lock: each step below is one or a few bytecodes between which CPython, with its global lock, neither changes threads
nor runs finalizers or signal handlers, for no call and no jump backwards stands among them. Where an interpreter has no
global lock, ``launch`` lets the SDK record instead.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from otelmon.records import SpanIdentity

Attributes = dict[str, str | int | bool]
# Source: https://opentelemetry.io/docs/specs/otel/metrics/sdk/#overflow-attribute
OVERFLOW = "otel.metric.overflow"
_NS_PER_S = 1_000_000_000


class Exemplar(NamedTuple):
    """Holds one measurement with the span that it was made in; ``at_ns`` is unix time."""

    value_ns: int
    at_ns: int
    trace_id: int
    span_id: int


class Aggregate(NamedTuple):
    """Holds what one attribute set has come to since ``since_ns``, unix time; times in nanoseconds."""

    attributes: Attributes
    since_ns: int
    counts: tuple[int, ...]
    sum_ns: int
    min_ns: int
    max_ns: int
    exemplars: tuple[Exemplar, ...]


class Cell:
    """Aggregates the times of one attribute set."""

    __slots__ = ("_bounds_ns", "_counts", "_exemplars", "_max_ns", "_min_ns", "_since_ns", "_sum_ns", "attributes")

    def __init__(self, attributes: Attributes, bounds_ns: tuple[int, ...]) -> None:
        self.attributes = attributes
        self._bounds_ns = bounds_ns
        self.clear()

    def clear(self) -> None:
        """Begins anew."""
        buckets = len(self._bounds_ns) + 1
        self._since_ns = time.time_ns()
        self._counts = [0] * buckets
        self._exemplars: list[Exemplar | None] = [None] * buckets
        self._sum_ns = self._max_ns = 0
        self._min_ns = -1

    def add(self, duration_ns: int) -> None:
        """Takes one time, in nanoseconds; a bucket holds what is at most its upper bound."""
        bucket = bisect_left(self._bounds_ns, duration_ns)
        self._counts[bucket] += 1
        self._sum_ns += duration_ns
        if duration_ns > self._max_ns:  # noqa: PLR1730 - a call of max() would let another thread in between
            self._max_ns = duration_ns
        if duration_ns < self._min_ns or self._min_ns < 0:
            self._min_ns = duration_ns

    def show(self, duration_ns: int, span: SpanIdentity, at_ns: int) -> None:
        """Keeps a time that was added as its bucket's latest example.

        Args:
            duration_ns: the time.
            span: in which it was measured.
            at_ns: when, in unix nanoseconds.
        """
        example = Exemplar(duration_ns, at_ns, span.trace_id, span.span_id)
        self._exemplars[bisect_left(self._bounds_ns, duration_ns)] = example

    def aggregate(self) -> Aggregate | None:
        """Returns what was added, or None where nothing was."""
        counts, total, low, high = self._counts[:], self._sum_ns, self._min_ns, self._max_ns
        if low < 0:
            return None
        exemplars = tuple(each for each in self._exemplars if each is not None)
        return Aggregate(self.attributes, self._since_ns, tuple(counts), total, low, high, exemplars)


class RecordingCell(Cell):
    """Hands each time on to an instrument of the SDK, which aggregates it."""

    __slots__ = ("_record",)

    def __init__(self, attributes: Attributes, record: Callable[[float, Attributes], None]) -> None:
        super().__init__(attributes, ())
        self._record = record

    def add(self, duration_ns: int) -> None:
        """Takes one time, in nanoseconds."""
        self._record(duration_ns / _NS_PER_S, self.attributes)


class Histogram:
    """Holds one cell per attribute set, at most ``limit`` of them, then a shared one.

    Args:
        bounds: upper bounds of the buckets, in seconds.
        limit: most attribute sets.
        overflowed: counts a request for one more.
    """

    def __init__(self, bounds: tuple[float, ...], limit: int, overflowed: Callable[[], object]) -> None:
        self.bounds = bounds
        self._bounds_ns = tuple(int(bound * _NS_PER_S) for bound in bounds)
        self._limit = limit
        self._overflowed = overflowed
        self._cells: dict[Hashable, Cell] = {}
        self._record: Callable[[float, Attributes], None] | None = None

    def hand_over(self, record: Callable[[float, Attributes], None]) -> None:
        """Lets an instrument of the SDK aggregate from now on."""
        self._record = record
        self._cells = {}

    @property
    def is_handed_over(self) -> bool:
        """Tells whether an instrument of the SDK aggregates."""
        return self._record is not None

    def cell(self, key: Hashable, attributes: Callable[[], Attributes]) -> Cell:
        """Returns the cell of an attribute set.

        Args:
            key: stands for the attribute set.
            attributes: makes it, at its first time.
        """
        known = self._cells.get(key)
        if known is not None:
            return known
        if len(self._cells) < self._limit:
            return self._cells.setdefault(key, self._made(attributes()))
        self._overflowed()
        return self._cells.setdefault(OVERFLOW, self._made({OVERFLOW: True}))

    def _made(self, attributes: Attributes) -> Cell:
        return Cell(attributes, self._bounds_ns) if self._record is None else RecordingCell(attributes, self._record)

    def aggregates(self) -> list[Aggregate]:
        """Returns what every attribute set has come to."""
        found = (cell.aggregate() for cell in tuple(self._cells.values()))
        return [each for each in found if each is not None]

    def clear(self) -> None:
        """Begins every cell anew; who holds one goes on with it."""
        for cell in tuple(self._cells.values()):
            cell.clear()
