"""Formats records of the standard library's logging as JSON, and sends them by OTLP.

Both can be named in ``logging.config.dictConfig``: ``{"()": "otelmon.exporters.json_logs.JsonFormatter"}``.
"""

from __future__ import annotations

import logging
import traceback
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from opentelemetry import trace

from otelmon import guard
from otelmon.exporters.events import emit_record
from otelmon.rules.log_line import LogFacts, log_fields, log_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_FORMAT = guard.site("exporters.log_format")
_EMIT = guard.site("exporters.log_emit")
# What every record has; anything else came by ``extra``.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
EVENT_NAME = "otel.event.name"
# Exporters log themselves: what they say of sending must not be sent.
_OWN = ("otelmon", "opentelemetry", "urllib3", "requests", "httpx", "httpcore")


def facts_of(record: logging.LogRecord, service: str) -> LogFacts:
    """Returns what a record says, with the ids of the current span."""
    extra = {key: value for key, value in vars(record).items() if key not in _STANDARD}
    event = str(extra.pop(EVENT_NAME, ""))
    context = trace.get_current_span().get_span_context()
    return LogFacts(
        datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds"),
        record.levelname,
        record.name,
        record.getMessage(),
        service,
        f"{context.trace_id:032x}" if context.is_valid else "",
        f"{context.span_id:016x}" if context.is_valid else "",
        event,
        extra,
        _error_of(record),
    )


def _error_of(record: logging.LogRecord) -> tuple[str, str, str] | None:
    if not record.exc_info or record.exc_info[1] is None:
        return None
    error = record.exc_info[1]
    kind = type(error)
    return (
        f"{kind.__module__}.{kind.__qualname__}",
        str(error),
        "".join(traceback.format_exception(*record.exc_info)),
    )


class JsonFormatter(logging.Formatter):
    """Writes a record as one line of JSON by docs/schemas/log-line.v1.json, credentials hidden.

    Args:
        service: name of the service; that of the tracer provider's resource where it is not given.
    """

    def __init__(self, service: str = "") -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """Returns the line; what cannot be written becomes a line that says so, and raises nothing."""
        line = guard.call(_FORMAT, self._line, record)
        return line if line is not None else '{"level":"ERROR","logger":"otelmon","message":"record_not_written"}'

    def _line(self, record: logging.LogRecord) -> str:
        return log_line(facts_of(record, self._service or service_name()))


class OtlpHandler(logging.Handler):
    """Hands records to OpenTelemetry's logger provider, with trace ids, credentials hidden."""

    def __init__(self, emit: Callable[[Mapping[str, object], logging.LogRecord], None] = emit_record) -> None:
        super().__init__()
        self._emit = emit

    def emit(self, record: logging.LogRecord) -> None:
        """Sends one record; those of exporters and of otelmon are left out, or they would never end."""
        if record.name.partition(".")[0] not in _OWN:
            guard.call(_EMIT, self._send, record)

    def _send(self, record: logging.LogRecord) -> None:
        self._emit(log_fields(facts_of(record, "")), record)


def service_name() -> str:
    """Returns the name of the service that the tracer provider knows; empty where there is none."""
    attributes = getattr(getattr(trace.get_tracer_provider(), "resource", None), "attributes", {})
    return str(attributes.get("service.name", ""))
