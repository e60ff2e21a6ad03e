"""Balances what a Collector took with what arrived and what it says that it lost."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.otlp_sink import attributes_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from opentelemetry.proto.trace.v1.trace_pb2 import Span

    from tests.otlp_sink import OtlpSink


def total(sink: OtlpSink, name: str, **attributes: str) -> float:
    """Returns the newest value of one of the Collector's own counters, summed over what has these attributes."""
    metric = sink.metrics().get(name)
    points = [] if metric is None else metric.sum.data_points
    chosen = [each for each in points if attributes.items() <= attributes_of(each).items()]
    return sum(each.as_int or each.as_double for each in chosen)


def waiting(sink: OtlpSink, back_end: str) -> float:
    """Returns how many bytes of traces wait for a back end, by the newest of the Collector's own metrics."""
    metric = sink.metrics().get("otelcol_exporter_queue_size")
    wanted = {"exporter": f"otlp_http/{back_end}", "data_type": "traces"}
    points = [] if metric is None else metric.gauge.data_points
    return sum(each.as_int or each.as_double for each in points if wanted.items() <= attributes_of(each).items())


def lost_in_queue(sink: OtlpSink, back_end: str) -> float:
    """Returns how many spans an exporter's queue took and neither delivered nor gave up aloud; those that wait, too.

    What a bulkhead handed on (upstream counts it when the queue has taken it) less what left the queue.
    """
    batches = sink.metrics().get("otelcol_processor_batch_batch_send_size")
    points = [] if batches is None else batches.histogram.data_points
    queued = sum(each.sum for each in points if attributes_of(each).get("processor") == f"batch/{back_end}")
    ended = ("otelcol_exporter_sent_spans", "otelcol_exporter_send_failed_spans")
    return queued - sum(total(sink, name, exporter=f"otlp_http/{back_end}") for name in ended)


def missing(sink: OtlpSink, sent: Iterable[Span]) -> int:
    """Returns how many of the spans that were taken one back end has not got."""
    return len({each.span_id for each in sent} - {each.span_id for each in sink.spans()})


def arrived_again(sink: OtlpSink, sent: Iterable[Span]) -> int:
    """Returns how many spans one back end got more than once."""
    seen = Counter(each.span_id for each in sink.spans())
    return sum(seen[each.span_id] > 1 for each in sent)
