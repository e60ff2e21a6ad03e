"""Turns what clients send into plain records: OTLP by opentelemetry-proto, envelopes by sentry-sdk."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Protocol

from google.protobuf.json_format import Parse
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from sentry_sdk.envelope import Envelope

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, MutableSequence

    from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
    from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
    from opentelemetry.proto.trace.v1.trace_pb2 import Span

    from demo.sentry_stand_in.store import Record

JSON = "application/json"
# Relay's defaults. Source: https://docs.sentry.io/product/relay/options/
LARGEST_SPAN = 10 * 1024 * 1024
LARGEST_LOG = 2 * 1024 * 1024
# OTLP writes these in hexadecimal where protobuf's own mapping has base64.
# Source: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
IDS = frozenset({"traceId", "spanId", "parentSpanId"})


class Sized(Protocol):
    """A protobuf message, as far as its size goes."""

    def ByteSize(self) -> int:  # noqa: N802 - protobuf's name
        """Returns the bytes that it takes."""


def traces(body: bytes, content_type: str) -> ExportTraceServiceRequest:
    """Decodes a trace export request.

    Raises:
        google.protobuf.message.DecodeError, google.protobuf.json_format.ParseError: when it is none.
    """
    request = ExportTraceServiceRequest()
    if content_type.startswith(JSON):
        Parse(json.dumps(with_base64_ids(json.loads(body))), request)
    else:
        request.ParseFromString(body)
    return request


def logs(body: bytes, content_type: str) -> ExportLogsServiceRequest:
    """Decodes a log export request; errors as ``traces``."""
    request = ExportLogsServiceRequest()
    if content_type.startswith(JSON):
        Parse(json.dumps(with_base64_ids(json.loads(body))), request)
    else:
        request.ParseFromString(body)
    return request


def drop_large_spans(request: ExportTraceServiceRequest) -> int:
    """Takes spans that are over Sentry's limit out of a request and returns how many they were."""
    scopes = [scope for resource in request.resource_spans for scope in resource.scope_spans]
    return sum(drop_large(scope.spans, LARGEST_SPAN) for scope in scopes)


def drop_large_logs(request: ExportLogsServiceRequest) -> int:
    """Takes log records that are over Sentry's limit out of a request and returns how many they were."""
    scopes = [scope for resource in request.resource_logs for scope in resource.scope_logs]
    return sum(drop_large(scope.log_records, LARGEST_LOG) for scope in scopes)


def drop_large(messages: MutableSequence[Sized], most: int) -> int:
    """Takes messages of more than ``most`` bytes out of a list and returns how many they were."""
    large = [position for position, message in enumerate(messages) if message.ByteSize() > most]
    for position in reversed(large):
        del messages[position]
    return len(large)


def with_base64_ids(document: object) -> object:
    """Returns a document of OTLP's JSON as protobuf's JSON writes it."""
    if isinstance(document, list):
        return [with_base64_ids(each) for each in document]
    if not isinstance(document, dict):
        return document
    return {
        name: base64.b64encode(bytes.fromhex(value)).decode() if name in IDS else with_base64_ids(value)
        for name, value in document.items()
    }


def spans_of(request: ExportTraceServiceRequest, arrived_ns: int) -> Iterator[Record]:
    """Yields one record for each span; span events are dropped and counted, as Sentry documents.

    Source: https://docs.sentry.io/concepts/otlp/
    """
    for resource_spans in request.resource_spans:
        resource = attributes(resource_spans.resource.attributes)
        for scope_spans in resource_spans.scope_spans:
            for span in scope_spans.spans:
                yield span_record(span, resource, scope_spans.scope.name, arrived_ns)


def span_record(span: Span, resource: Record, scope: str, arrived_ns: int) -> Record:
    """Returns what is kept of one span; times in unix nanoseconds."""
    return {
        "trace_id": span.trace_id.hex(),
        "span_id": span.span_id.hex(),
        "parent_span_id": span.parent_span_id.hex(),
        "name": span.name,
        "kind": span.kind,
        "start_ns": span.start_time_unix_nano,
        "end_ns": span.end_time_unix_nano,
        "arrived_ns": arrived_ns,
        "status": span.status.code,
        "status_message": span.status.message,
        "attributes": attributes(span.attributes),
        "events_dropped": len(span.events),
        "resource": resource,
        "scope": scope,
    }


def logs_of(request: ExportLogsServiceRequest, arrived_ns: int) -> Iterator[Record]:
    """Yields one record for each log record."""
    for resource_logs in request.resource_logs:
        resource = attributes(resource_logs.resource.attributes)
        for scope_logs in resource_logs.scope_logs:
            for record in scope_logs.log_records:
                yield log_record(record, resource, arrived_ns)


def log_record(record: LogRecord, resource: Record, arrived_ns: int) -> Record:
    """Returns what is kept of one log record; times in unix nanoseconds."""
    return {
        "trace_id": record.trace_id.hex(),
        "span_id": record.span_id.hex(),
        "event_name": record.event_name,
        "severity": record.severity_text,
        "body": value_of(record.body),
        "time_ns": record.time_unix_nano or record.observed_time_unix_nano,
        "arrived_ns": arrived_ns,
        "attributes": attributes(record.attributes),
        "resource": resource,
    }


def attributes(pairs: Iterable[KeyValue]) -> Record:
    """Returns attributes as a dictionary."""
    return {pair.key: value_of(pair.value) for pair in pairs}


def value_of(value: AnyValue) -> object:
    """Returns the value of one attribute; bytes become hexadecimal text."""
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    if kind == "array_value":
        return [value_of(each) for each in value.array_value.values]
    if kind == "kvlist_value":
        return attributes(value.kvlist_value.values)
    plain: object = getattr(value, kind)
    return plain.hex() if isinstance(plain, bytes) else plain


def items_of(body: bytes, arrived_ns: int) -> list[Record]:
    """Returns one record for each item of an envelope.

    Raises:
        ValueError: when the bytes are no envelope.
    """
    envelope = Envelope.deserialize(body)
    return [
        {
            "type": item.type,
            "headers": dict(item.headers),
            "payload": item.payload.json
            if item.payload.json is not None
            else item.get_bytes().decode(errors="replace"),
            "arrived_ns": arrived_ns,
        }
        for item in envelope.items
    ]
