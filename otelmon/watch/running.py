"""Tells of slow calls while they run: a query that hangs is known before it ends."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

RUNNING = "otelmon.db.slow.running"
Attributes = Mapping[str, str | int | float | bool]
NOTHING_MORE: Mapping[int, Attributes] = MappingProxyType({})


def report_running(
    calls: Iterable[tuple[Attributes, int, int, int]],
    emit: Callable[..., None],
    more: Mapping[int, Attributes] = NOTHING_MORE,
) -> None:
    """Emits one event for each call, in the trace that it runs in.

    Args:
        calls: attributes, trace id, span id and key of those that have reached the threshold and were not told of.
        emit: takes an event's name, attributes, trace id and span id.
        more: further attributes by key.
    """
    for attributes, trace_id, span_id, key in calls:
        emit(RUNNING, {**attributes, **more.get(key, {})}, trace_id=trace_id, span_id=span_id)
