"""Emits events: log records with an event name.

The one file that uses ``opentelemetry._logs``, which is still underscored upstream.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from opentelemetry._logs import LogRecord, SeverityNumber, get_logger, get_logger_provider
from opentelemetry.context import get_current
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

if TYPE_CHECKING:
    import logging
    from collections.abc import Mapping

    from opentelemetry.context import Context

    from otelmon.records import FinishedCall, SpanIdentity

OPERATION, DURATION, SCHEMA_VERSION = "otelmon.db.operation", "otelmon.db.duration", "otelmon.schema_version"
_SEVERITIES = (
    (50, SeverityNumber.FATAL),
    (40, SeverityNumber.ERROR),
    (30, SeverityNumber.WARN),
    (20, SeverityNumber.INFO),
)
# Raised when an attribute goes or changes its meaning; more attributes are no new version.
OPERATION_SCHEMA = 1


def emit_event(name: str, attributes: Mapping[str, str | int | float | bool], *, trace_id: int, span_id: int) -> None:
    """Emits one event of severity WARN in the context of a span.

    Args:
        name: the event name, such as ``otelmon.connection.leaked``.
        attributes: scalars only, so that every back end can search them.
        trace_id: 0 where the event belongs to no trace.
        span_id: 0 where the event belongs to no span.
    """
    _emit(name, dict(attributes), _context(trace_id, span_id), time.time_ns(), SeverityNumber.WARN)


def emit_late(name: str, attributes: Mapping[str, str | int | float | bool], span: SpanIdentity, at_ns: int) -> None:
    """Emits an event of severity WARN some time after it happened; ``at_ns`` is unix time in nanoseconds."""
    _emit(name, dict(attributes), _context(span.trace_id, span.span_id), at_ns, SeverityNumber.WARN)


def emit_operation(call: FinishedCall, *, trace_id: int, span_id: int) -> None:
    """Emits the event of one database call, by docs/schemas/otelmon.db.operation.v1.json; INFO, ERROR where it failed.

    Args:
        call: as it ended.
        trace_id: of the call's span, or of the one that it was made in; 0 where there is none.
        span_id: as ``trace_id``.
    """
    attributes: dict[str, str | int | float | bool] = {}
    for each in call.attributes:
        attributes |= each
    attributes |= {DURATION: call.elapsed_ns / 1e9, SCHEMA_VERSION: OPERATION_SCHEMA}
    severity = SeverityNumber.INFO
    if call.error is not None:
        severity = SeverityNumber.ERROR
        attributes["exception.type"], attributes["exception.message"] = call.error
    _emit(OPERATION, attributes, _context(trace_id, span_id), call.ended_ns, severity)


def emit_record(fields: Mapping[str, object], record: logging.LogRecord) -> None:
    """Emits a record of the standard library's logging in the current context.

    Args:
        fields: as ``log_fields`` writes them, redacted.
        record: gives time and level.
    """
    attributes = {"logger.name": record.name, **_scalars(fields.get("attributes"))}
    error = fields.get("error")
    if isinstance(error, dict):
        attributes |= {f"exception.{name}": value for name, value in error.items()}
    get_logger("otelmon.logs").emit(
        LogRecord(
            timestamp=int(record.created * 1e9),
            context=get_current(),
            severity_number=_severity(record.levelno),
            severity_text=record.levelname,
            body=str(fields["message"]),
            event_name=str(fields["event"]) if "event" in fields else None,
            attributes=attributes,
        )
    )


def _scalars(attributes: object) -> dict[str, str | int | float | bool]:
    """Returns attributes with everything that is no scalar as its text."""
    known = attributes if isinstance(attributes, dict) else {}
    return {key: each if isinstance(each, (str, int, float)) else str(each) for key, each in known.items()}


def _severity(level: int) -> SeverityNumber:
    """Returns the severity of a level of logging, of which 10 is DEBUG and 50 is CRITICAL.

    Source: https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber
    """
    return next((number for least, number in _SEVERITIES if level >= least), SeverityNumber.DEBUG)


def _emit(
    name: str,
    attributes: dict[str, str | int | float | bool],
    context: Context | None,
    at_ns: int,
    severity: SeverityNumber,
) -> None:
    get_logger("otelmon").emit(
        LogRecord(
            timestamp=at_ns,
            context=context,
            severity_number=severity,
            severity_text=severity.name,
            body=name,
            event_name=name,
            attributes=attributes,
        )
    )


def _context(trace_id: int, span_id: int) -> Context | None:
    if not trace_id:
        return None
    flags = TraceFlags(TraceFlags.SAMPLED)
    return set_span_in_context(NonRecordingSpan(SpanContext(trace_id, span_id, is_remote=False, trace_flags=flags)))


def current_logger_provider() -> object:
    """Returns the global logger provider, for the shutdown of all signals together."""
    return get_logger_provider()
