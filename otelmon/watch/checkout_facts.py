"""Turns what a hook has noted of a checkout into attributes and contexts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

from otelmon.rules.code_lines import function_name, line_of, stack_text
from otelmon.signals import POOL_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    from otelmon.records import Checkout

    class Emit(Protocol):
        """Emits one event."""

        def __call__(
            self, name: str, attributes: Mapping[str, str | int | float | bool], *, trace_id: int, span_id: int
        ) -> None:
            """Emits it in the context of a span."""
            ...


Attributes = dict[str, str | int | float | bool]
HELD = "otelmon.db.client.connection.held"
KIND = "otelmon.db.client.connection.leak.kind"


def calling_line(checkout: Checkout) -> tuple[str, str, int] | None:
    """Returns function, file and line of the application that asked for the connection, where they are known."""
    if not checkout.stack:
        return None
    code, instruction = checkout.stack[0]
    return function_name(code), code.co_filename, line_of(code, instruction)


def code_attributes(checkout: Checkout) -> Attributes:
    """Returns the line of the application that asked for the connection, and the lines that led there."""
    line = calling_line(checkout)
    if line is None:
        return {}
    return {
        "code.function.name": line[0],
        "code.file.path": line[1],
        "code.line.number": line[2],
        "code.stacktrace": stack_text(checkout.stack),
    }


def held_attributes(checkout: Checkout, held_ns: int, kind: str) -> Attributes:
    """Returns the facts of a connection that is out for long: pool, kind, seconds held, and who took it."""
    return {POOL_NAME: checkout.pool_name, KIND: kind, HELD: held_ns / 1e9, **code_attributes(checkout)}


def ids_of(checkout: Checkout) -> dict[str, int]:
    """Returns the ids of the span in which the connection was asked for, as events take them; 0 without a span."""
    span = checkout.span
    return {"trace_id": 0, "span_id": 0} if span is None else {"trace_id": span.trace_id, "span_id": span.span_id}


def context_of(checkout: Checkout) -> Context:
    """Returns the context in which the connection was asked for."""
    span = checkout.span
    if span is None or not span.trace_id:
        return Context()
    parent = SpanContext(span.trace_id, span.span_id, is_remote=False, trace_flags=TraceFlags(span.trace_flags))
    return set_span_in_context(NonRecordingSpan(parent))
