"""Reports pooled connections that were not given back: a span in the trace of the checkout, and an event."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, TraceFlags, set_span_in_context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from opentelemetry.trace import Tracer

    from otelmon.records import Checkout

LEAKED = "otelmon.connection.leaked"


def leak_attributes(checkout: Checkout, held_ns: int) -> dict[str, str | int | float]:
    """Returns the facts of a leaked connection as scalars: pool, seconds held, and the line that took it."""
    known: dict[str, str | int | float | None] = {
        "db.client.connection.pool.name": checkout.pool_name,
        "otelmon.db.client.connection.held": held_ns / 1e9,
        "code.function.name": checkout.code_function_name,
        "code.file.path": checkout.code_file_path,
        "code.line.number": checkout.code_line_number,
    }
    return {name: value for name, value in known.items() if value is not None}


def report_leaks(overdue: Iterable[Checkout], tracer: Tracer, emit: Callable[..., None], now_ns: int) -> None:
    """Reports each overdue checkout once; the span runs from the checkout until its discovery.

    Args:
        overdue: checkouts not reported before.
        tracer: makes the span ``connection leaked``, marked with ``otelmon.keep`` = ``leak``.
        emit: takes an event's name, attributes, trace id and span id.
        now_ns: the monotonic clock.
    """
    for checkout in overdue:
        attributes = leak_attributes(checkout, now_ns - checkout.since_ns)
        span = tracer.start_span(
            "connection leaked",
            context=_context_of(checkout),
            kind=SpanKind.INTERNAL,
            attributes={**attributes, "otelmon.keep": "leak"},
            start_time=checkout.started_at_ns,
        )
        emit(LEAKED, attributes, trace_id=checkout.trace_id, span_id=checkout.span_id)
        span.end(time.time_ns())


def _context_of(checkout: Checkout) -> Context:
    if not checkout.trace_id:
        return Context()
    parent = SpanContext(
        checkout.trace_id, checkout.span_id, is_remote=False, trace_flags=TraceFlags(checkout.trace_flags)
    )
    return set_span_in_context(NonRecordingSpan(parent))
