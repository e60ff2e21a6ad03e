"""What is decided at the end of a block around one of psycopg's functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from otelmon import guard

if TYPE_CHECKING:
    from types import TracebackType

    from otelmon.hooks.psycopg.calls import PsycopgCall, StreamCall

_ROW = guard.site("hooks.psycopg.row")
_PAGE = guard.site("hooks.psycopg.page")


class Page:
    """A block around the next row of a server-side cursor, a call only where the row came with a page of its own."""

    __slots__ = ("_before", "_call", "_cursor")

    def __init__(self, cursor: Any, call: PsycopgCall) -> None:  # noqa: ANN401 - any cursor class
        self._cursor = cursor
        self._call = call
        self._before = cursor.pgresult

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        over = kind is None or kind in (StopIteration, StopAsyncIteration)
        if over and self._cursor.pgresult is self._before:
            guard.call(_PAGE, self._call.drop)
        else:
            self._call.end(None if over else error)


def pause(call: StreamCall | None) -> None:
    """Stops the clock of a stream, where one is running."""
    if call is not None:
        guard.call(_ROW, call.pause)


def resume(call: StreamCall | None) -> None:
    """Lets the clock of a stream go on."""
    if call is not None:
        guard.call(_ROW, call.resume)
