"""Decides which marks a finished span gets; the decisions themselves are rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry.trace import SpanKind, StatusCode

from otelmon.rules.keep_reason import keep_reason
from otelmon.rules.slow_operation import is_slow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.sdk.trace import ReadableSpan

    from otelmon.settings import Settings

    Mark = str | bool | int


def is_database(attributes: Mapping[str, object]) -> bool:
    """Tells whether a span describes a database call, by the stable or the older semantic convention."""
    return "db.system.name" in attributes or "db.system" in attributes


def _is_http(attributes: Mapping[str, object]) -> bool:
    return "http.request.method" in attributes or "http.method" in attributes


def marks_of(span: ReadableSpan, settings: Settings) -> dict[str, Mark]:
    """Returns the attributes that a finished span gets on top of its own; empty for an ordinary span.

    Args:
        span: a finished span of any instrumentor.
        settings: thresholds in milliseconds.
    """
    attributes: Mapping[str, object] = span.attributes or {}
    duration_ns = (span.end_time or 0) - (span.start_time or 0)
    database = is_database(attributes)
    slow_db = database and is_slow(duration_ns, settings.slow_query_threshold_ms)
    slow_http = (
        not database
        and is_slow(duration_ns, settings.slow_http_threshold_ms)
        and span.kind is SpanKind.CLIENT
        and _is_http(attributes)
    )
    marks: dict[str, Mark] = {}
    if slow_db or slow_http:
        marks["otelmon.slow"] = True
        marks["otelmon.slow_threshold_ms"] = (
            settings.slow_query_threshold_ms if slow_db else settings.slow_http_threshold_ms
        )
    reason = keep_reason(
        error=span.status.status_code is StatusCode.ERROR,
        throttled="otelmon.github.throttle" in attributes,
        slow_db=slow_db,
        slow_http=slow_http,
        leak=False,
    )
    if reason is not None and "otelmon.keep" not in attributes:
        marks["otelmon.keep"] = reason
    return marks
