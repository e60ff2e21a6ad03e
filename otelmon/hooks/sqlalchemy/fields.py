"""Reads what has no public name, here only; tests/contract holds it against the releases.

SQLAlchemy tells who loads lazily to listeners of ``do_orm_execute`` alone, which make every execution of a session
dearer; and OpenTelemetry's instrumentation of SQLAlchemy leaves its span with the execution that it is of.
"""

from __future__ import annotations

from typing import Any

_LOAD_OPTIONS = "_sa_orm_load_options"
_SPAN = "_otel_span"


def lazy_loaded_from(context: Any) -> str | None:  # noqa: ANN401 - any dialect's execution context
    """Returns the mapped class for an attribute of which an execution runs, None for any other."""
    options = context.execution_options.get(_LOAD_OPTIONS)
    state = getattr(options, "_lazy_loaded_from", None)
    return None if state is None else state.class_.__name__


def is_traced_by_instrumentation(context: Any) -> bool:  # noqa: ANN401 - any dialect's execution context
    """Tells whether OpenTelemetry's instrumentation makes a span of an execution."""
    span = getattr(context, _SPAN, None)
    return span is not None and span.is_recording()
