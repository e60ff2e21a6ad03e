"""Tells an event of each database call, off the thread that made it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from otelmon import guard

if TYPE_CHECKING:
    from typing import Protocol

    from otelmon.records import FinishedCall, SpanIdentity

    class EmitOperation(Protocol):
        """Emits the event of one call."""

        def __call__(self, call: FinishedCall, *, trace_id: int, span_id: int) -> None:
            """Emits it in the context of a span."""
            ...


# As many calls as a process makes in the half second between two looks of the watch, and more.
MOST_WAITING = 20_000
_FULL = guard.site("watch.operation_log.full")
_EMIT = guard.site("watch.operation_log.emit")


class OperationLog:
    """Holds calls until the watch tells of them; what comes while it is full is left out and counted as skipped.

    Args:
        emit: takes a call, trace id and span id.
        limit: most calls that wait.
    """

    def __init__(self, emit: EmitOperation, limit: int = MOST_WAITING) -> None:
        self._emit = emit
        self._limit = limit
        self._waiting: deque[tuple[FinishedCall, SpanIdentity]] = deque()

    def add(self, call: FinishedCall, context: SpanIdentity) -> None:
        """Takes one call; a deque's own steps need no lock."""
        if len(self._waiting) < self._limit:
            self._waiting.append((call, context))
        else:
            _FULL.skipped += 1

    def tell(self) -> None:
        """Emits what waits now, and not what comes meanwhile, so that it ends."""
        for _ in range(len(self._waiting)):
            call, context = self._waiting.popleft()
            guard.call(_EMIT, self._emit, call, trace_id=context.trace_id, span_id=context.span_id)

    def clear(self) -> None:
        """Forgets what waits, in a forked child: the parent tells of it."""
        self._waiting.clear()
