"""Sends statements and errors by every road on which they leave the process, down to the bytes of an export."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import SpanContext, Status, StatusCode, TraceFlags

from otelmon.calls.failure import failure_of
from otelmon.calls.statement_facts import statement_facts
from otelmon.exporters.span_bytes import SpanEncoder
from otelmon.exporters.span_requests import requests_of
from otelmon.exporters.turns import Turns
from otelmon.processors.redaction import redacted_span
from otelmon.rules.attribute_redaction import redact_attributes
from otelmon.rules.error_redaction import redact_error_message
from otelmon.rules.log_line import LogFacts, log_line
from otelmon.rules.sentry_event import scrub_event
from otelmon.rules.span_name import redact_span_name
from otelmon.rules.sql_fingerprint import canonical
from otelmon.rules.sql_operation import operation_name
from otelmon.rules.sql_redaction import redact_sql
from otelmon.rules.sql_summary import query_summary

if TYPE_CHECKING:
    from collections.abc import Mapping

_RESOURCE = Resource({"service.name": "fuzz"})
_CONTEXT = SpanContext(0x0A0B0C, 0x0D0E0F, is_remote=False, trace_flags=TraceFlags(1))
_ENCODER = SpanEncoder()
_FRAME = 'Traceback (most recent call last):\n  File "/srv/app.py", line 3, in run\n    do()\n'


def of_statement(statement: str) -> dict[str, object]:
    """Returns what is shown of a statement, by road."""
    redacted = redact_sql(statement)
    facts = statement_facts(statement)
    attributes = {
        "db.system.name": "postgresql",
        "db.query.text": statement,
        "db.statement": statement.encode("utf-8", "replace"),
    }
    return {
        "text": redacted,
        "redacted twice": redact_sql(redacted),
        "what the fingerprint is made of": canonical(redacted),
        "summary": query_summary(statement),
        "operation": operation_name(statement),
        "facts": (facts.operation, facts.summary, facts.collection, facts.text, facts.key),
        "facts of bytes": statement_facts(statement.encode("utf-8", "replace")).attributes,
        "name": redact_span_name(statement, database=True),
        "exported": _exported(statement, attributes),
        "breadcrumb": scrub_event(
            {
                "breadcrumbs": {"values": [{"category": "query", "message": statement, "data": {"sql": statement}}]},
                "spans": [{"op": "db.query", "description": statement, "data": {"db.query.text": statement}}],
            }
        ),
        "log line": log_line(LogFacts("", "INFO", "app", "ran", attributes={"db.query.text": statement})),
    }


def of_error(kind: str, message: str) -> dict[str, object]:
    """Returns what is shown of an error, by road."""
    bare = kind.rpartition(".")[2]
    trace = f"{_FRAME}{kind or 'RuntimeError'}: {message}\n"
    attributes = {"exception.type": kind, "exception.message": message, "exception.stacktrace": trace}
    raised = failure_of(type(bare, (Exception,), {})(message)) if bare else None
    module = kind.rpartition(".")[0]
    return {
        "message": redact_error_message(message, kind),
        "attributes": redact_attributes(attributes, sql_text="redacted"),
        "failure": raised and (raised.message, raised.description),
        "exported": _exported(
            "SELECT", {"db.system.name": "postgresql", "error.type": kind, "error.message": message}, (kind, attributes)
        ),
        "exported of the application": _exported("page", {}, (kind, attributes)),
        "sentry": scrub_event({"exception": {"values": [{"module": module, "type": bare, "value": message}]}}),
        "log line": log_line(LogFacts("", "ERROR", "app", "failed", error=(kind, message, trace))),
    }


def _exported(name: str, attributes: dict[str, Any], error: tuple[str, Mapping[str, Any]] | None = None) -> object:
    """Returns the texts of a span as the bytes of its export have them."""
    events: tuple[Event, ...] = ()
    status = Status(StatusCode.UNSET)
    if error is not None:
        kind, facts = error
        events = (Event("exception", facts, 1),)
        # As the SDK writes it when an exception leaves a span: under the bare name of the class.
        status = Status(StatusCode.ERROR, f"{kind.rpartition('.')[2] or 'RuntimeError'}: {facts['exception.message']}")
    span = ReadableSpan(
        name=name,
        context=_CONTEXT,
        resource=_RESOURCE,
        attributes=attributes,
        events=events,
        status=status,
        start_time=1,
        end_time=2,
    )
    bodies = [body for _, body in requests_of(_ENCODER, [redacted_span(span, {}, "redacted")], Turns())]
    decoded = [ExportTraceServiceRequest.FromString(body) for body in bodies]
    (exported,) = (
        each for body in decoded for whole in body.resource_spans for scope in whole.scope_spans for each in scope.spans
    )
    texts = [MessageToDict(each) for holder in (exported, *exported.events) for each in holder.attributes]
    return json.dumps([exported.name, exported.status.message, texts], ensure_ascii=False)
