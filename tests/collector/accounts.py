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


def missing(sink: OtlpSink, sent: Iterable[Span]) -> int:
    """Returns how many of the spans that were taken one back end has not got."""
    return len({each.span_id for each in sent} - {each.span_id for each in sink.spans()})


def arrived_again(sink: OtlpSink, sent: Iterable[Span]) -> int:
    """Returns how many spans one back end got more than once."""
    seen = Counter(each.span_id for each in sink.spans())
    return sum(seen[each.span_id] > 1 for each in sent)
