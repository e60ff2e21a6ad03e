"""Knows the calls that are running now, so that a slow one is told of before it ends."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, NamedTuple

from otelmon.rules.slow_operation import is_slow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from otelmon.calls.database_call import DatabaseCall

# Far more than one process has connections; calls beyond it are told of when they end, like any other.
MOST_CALLS = 10_000


class RunningCall(NamedTuple):
    """Holds what is known of a slow call while it runs; the ids are those of the span that it runs in, or 0."""

    attributes: Mapping[str, str | int | float | bool]
    trace_id: int
    span_id: int
    # Identifies the call, as ``id`` does.
    key: int = 0


class InFlight:
    """Holds weak references to running calls; one that is never ended goes when nobody else keeps it."""

    def __init__(self, limit: int = MOST_CALLS) -> None:
        self._limit = limit
        self._calls: dict[int, weakref.ref[DatabaseCall]] = {}

    def __len__(self) -> int:
        return len(self._calls)

    def add(self, call: DatabaseCall) -> None:
        """Notes that a call has begun; a dictionary's own steps need no lock."""
        if len(self._calls) < self._limit:
            self._calls[id(call)] = weakref.ref(call)

    def remove(self, call: DatabaseCall) -> None:
        """Notes that a call has ended."""
        self._calls.pop(id(call), None)

    def calls(self) -> list[DatabaseCall]:
        """Returns the calls that run now."""
        return [call for reference in tuple(self._calls.values()) if (call := reference()) is not None]

    def clear(self) -> None:
        """Forgets every call, in a forked child: they run in the parent."""
        self._calls.clear()

    def slow(
        self, now_ns: int, threshold_ms: int, line_of_thread: Callable[[int], tuple[str, str, int] | None]
    ) -> Iterator[RunningCall]:
        """Yields each running call that has reached the threshold, once.

        Args:
            now_ns: the clock that calls are timed by, ``time.perf_counter_ns``.
            threshold_ms: when a call is slow.
            line_of_thread: returns function, file and line of the application that a thread is in.
        """
        for key, reference in tuple(self._calls.items()):
            call = reference()
            if call is None:
                self._calls.pop(key, None)
            elif not call.is_told and is_slow(now_ns - call.began_ns, threshold_ms):
                call.is_told = True
                yield _running(call, now_ns, threshold_ms, line_of_thread(call.thread_id))


def _running(call: DatabaseCall, now_ns: int, threshold_ms: int, line: tuple[str, str, int] | None) -> RunningCall:
    context = call.here.within
    attributes: dict[str, str | int | float | bool] = {
        **call.connection.span_attributes,
        **call.statement.attributes,
        "otelmon.db.duration": (now_ns - call.began_ns) / 1e9,
        "otelmon.slow_threshold_ms": threshold_ms,
    }
    if call.statement.fingerprint:
        attributes["otelmon.db.query.fingerprint"] = call.statement.fingerprint
    if line is not None:
        attributes |= zip(("code.function.name", "code.file.path", "code.line.number"), line, strict=True)
    return RunningCall(attributes, context.trace_id, context.span_id, id(call))
