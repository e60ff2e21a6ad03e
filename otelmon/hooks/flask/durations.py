"""Counts what requests take, as the instrumentation's histogram would."""

from __future__ import annotations

from time import time_ns
from typing import TYPE_CHECKING

from opentelemetry.trace import set_span_in_context

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.trace import Span

    from otelmon.hooks.flask.facts import Labels
    from otelmon.registry.histograms import Histogram

_NS_PER_S = 1_000_000_000


class Durations:
    """Counts the durations of one application's requests.

    Args:
        record: the instrumentation's own, which takes seconds.
        histogram: aggregates in its place; None where it has to.
    """

    def __init__(self, record: Callable[..., None], histogram: Histogram | None) -> None:
        self._record = record
        self._histogram = histogram

    def add(self, elapsed_ns: int, labels: Labels, span: Span | None) -> None:
        """Takes one duration.

        Args:
            elapsed_ns: nanoseconds.
            labels: what it is counted under.
            span: in which it was measured; where that is sampled, a point can show it as an example.
        """
        histogram = self._histogram
        if histogram is None or histogram.is_handed_over:
            self._record(elapsed_ns / _NS_PER_S, labels, context=set_span_in_context(span))  # type: ignore[arg-type]  # None is no span
            return
        cell = histogram.cell(labels.key, labels.copy)
        cell.add(elapsed_ns)
        if span is not None:
            identity = span.get_span_context()
            if identity.trace_flags.sampled:
                cell.show(elapsed_ns, identity, time_ns())
