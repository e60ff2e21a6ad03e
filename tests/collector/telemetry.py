"""Makes OTLP requests out of plain values, the way any sender would, with nothing redacted or marked."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CLIENT, INTERNAL, SERVER = Span.SPAN_KIND_CLIENT, Span.SPAN_KIND_INTERNAL, Span.SPAN_KIND_SERVER


def pairs(attributes: Mapping[str, Any]) -> list[KeyValue]:
    """Returns attributes as OTLP has them."""
    return [KeyValue(key=name, value=_value(value)) for name, value in attributes.items()]


def _value(value: object) -> AnyValue:
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value)
    if isinstance(value, list):
        return AnyValue(array_value=ArrayValue(values=[_value(each) for each in value]))
    return AnyValue(string_value=str(value))


def span(  # noqa: PLR0913 - the fields of a span
    name: str,
    attributes: Mapping[str, Any] | None = None,
    *,
    milliseconds: float = 10,
    kind: Span.SpanKind.ValueType = CLIENT,
    error: str | None = None,
    trace_id: bytes | None = None,
) -> Span:
    """Returns one span that ended just now; ``error`` is its status message."""
    end = time.time_ns()
    return Span(
        trace_id=trace_id or os.urandom(16),
        span_id=os.urandom(8),
        name=name,
        kind=kind,
        start_time_unix_nano=end - int(milliseconds * 1_000_000),
        end_time_unix_nano=end,
        attributes=pairs(attributes or {}),
        status=Status(code=Status.STATUS_CODE_ERROR, message=error) if error is not None else None,
    )


def traces(spans: Iterable[Span], service: str = "sender") -> ExportTraceServiceRequest:
    """Wraps spans into one request."""
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    resource.resource.attributes.extend(pairs({"service.name": service}))
    resource.scope_spans.add().spans.extend(spans)
    return request


def logs(body: str, attributes: Mapping[str, Any], event_name: str = "") -> ExportLogsServiceRequest:
    """Wraps one log record into a request."""
    request = ExportLogsServiceRequest()
    resource = request.resource_logs.add()
    resource.resource.attributes.extend(pairs({"service.name": "sender"}))
    record = resource.scope_logs.add().log_records.add()
    record.time_unix_nano = time.time_ns()
    record.event_name = event_name
    record.body.string_value = body
    record.attributes.extend(pairs(attributes))
    return request


def gauge(name: str, value: float) -> ExportMetricsServiceRequest:
    """Wraps one gauge into a request."""
    request = ExportMetricsServiceRequest()
    resource = request.resource_metrics.add()
    resource.resource.attributes.extend(pairs({"service.name": "sender"}))
    metric = resource.scope_metrics.add().metrics.add()
    metric.name = name
    metric.gauge.data_points.add(time_unix_nano=time.time_ns(), as_double=value)
    return request
