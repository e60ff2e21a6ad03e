"""Tells a caller the trace of its request, in the ``traceresponse`` header of W3C Trace Context Level 2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry import trace

if TYPE_CHECKING:
    from flask import Response

HEADER = "traceresponse"


def tell_trace(response: Response) -> Response:
    """Adds the header where the request is traced.

    Source: https://www.w3.org/TR/trace-context-2/#traceresponse-header
    """
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        response.headers[HEADER] = f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"
    return response
