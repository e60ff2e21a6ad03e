"""Tells of slow calls while they run: a query that hangs is known before it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

RUNNING = "otelmon.db.slow.running"


def report_running(
    calls: Iterable[tuple[Mapping[str, str | int | float | bool], int, int]], emit: Callable[..., None]
) -> None:
    """Emits one event for each call, in the trace that it runs in.

    Args:
        calls: attributes, trace id and span id of those that have reached the threshold and were not told of before.
        emit: takes an event's name, attributes, trace id and span id.
    """
    for attributes, trace_id, span_id in calls:
        emit(RUNNING, attributes, trace_id=trace_id, span_id=span_id)
