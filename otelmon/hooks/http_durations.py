"""Counts how long HTTP requests took: at the call where that is possible, else by the instrumentation's instrument."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from opentelemetry.context import get_current

from otelmon import guard
from otelmon.calls.current_context import surroundings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from opentelemetry.context import Context
    from opentelemetry.trace import SpanContext

    from otelmon.registry import HookRegistry
    from otelmon.registry.histograms import Histogram

    Labels = dict[str, str | int]

_RECORD = guard.site("hooks.http_durations.record")
_NS_PER_S = 1_000_000_000


class RecordedDurations:
    """Hands each time to an instrument, which looks at the current context for its example."""

    def __init__(self, instrument: Any) -> None:  # noqa: ANN401 - any provider's histogram
        self.instrument = instrument

    def add(self, duration_ns: int, labels: Labels, _key: frozenset[object], _span: SpanContext) -> None:
        """Takes one time, measured in a span."""
        self.instrument.record(duration_ns / _NS_PER_S, labels)


class CountedDurations:
    """Counts by itself, and stands for the instrument with whoever else would record there.

    Args:
        histogram: what counts in the place of an instrument.
    """

    def __init__(self, histogram: Histogram) -> None:
        self._cell = histogram.cell
        self.instrument = self

    def add(self, duration_ns: int, labels: Labels, key: frozenset[object], span: SpanContext) -> None:
        """Takes one time, measured in a sampled span.

        Args:
            duration_ns: the time, in nanoseconds.
            labels: what it is counted under.
            key: the items of these.
            span: becomes the example of its bucket.
        """
        cell = self._cell(key, lambda: dict(labels))
        cell.add(duration_ns)
        cell.show(duration_ns, span, time.time_ns())

    def record(
        self, amount: float, attributes: Mapping[str, str | int | bool] | None = None, context: Context | None = None
    ) -> None:
        """Takes one time in seconds, as an instrument does."""
        guard.call(_RECORD, self._record, amount, attributes or {}, context)

    def _record(self, amount: float, labels: Mapping[str, str | int | bool], context: Context | None) -> None:
        duration_ns = max(int(amount * _NS_PER_S), 0)
        cell = self._cell(frozenset(labels.items()), lambda: dict(labels))
        cell.add(duration_ns)
        span = surroundings(get_current() if context is None else context).within
        if span.trace_flags.sampled and span.is_valid:
            cell.show(duration_ns, span, time.time_ns())


def durations_of(instrument: object, registry: HookRegistry) -> CountedDurations | RecordedDurations:
    """Returns what counts the times of an instrumentation."""
    replaced: Callable[[object], Histogram | None] = registry.in_place_of
    histogram = replaced(instrument)
    return RecordedDurations(instrument) if histogram is None else CountedDurations(histogram)
