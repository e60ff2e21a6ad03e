"""Emits events: log records with an event name.

The one file that uses ``opentelemetry._logs``, which is still underscored upstream.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from opentelemetry._logs import LogRecord, SeverityNumber, get_logger, get_logger_provider
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

if TYPE_CHECKING:
    from collections.abc import Mapping


def emit_event(name: str, attributes: Mapping[str, str | int | float | bool], *, trace_id: int, span_id: int) -> None:
    """Emits one event of severity WARN in the context of a span.

    Args:
        name: the event name, such as ``otelmon.connection.leaked``.
        attributes: scalars only, so that every back end can search them.
        trace_id: 0 where the event belongs to no trace.
        span_id: 0 where the event belongs to no span.
    """
    context = None
    if trace_id:
        context = set_span_in_context(
            NonRecordingSpan(
                SpanContext(trace_id, span_id, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))
            )
        )
    get_logger("otelmon").emit(
        LogRecord(
            timestamp=time.time_ns(),
            context=context,
            severity_number=SeverityNumber.WARN,
            severity_text="WARN",
            body=name,
            event_name=name,
            attributes=dict(attributes),
        )
    )


def current_logger_provider() -> object:
    """Returns the global logger provider, for the shutdown of all signals together."""
    return get_logger_provider()
