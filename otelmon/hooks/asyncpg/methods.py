"""What stands in front of asyncpg's own methods.

Each hands its arguments on as they came, so that results, errors, cancellation and time limits stay asyncpg's.
"""

from __future__ import annotations

import functools
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from otelmon import guard
from otelmon.hooks.asyncpg.fields import has_rows, is_exhausted

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from types import TracebackType

    from otelmon.hooks.asyncpg.calls import ConnectCall, SessionCall

    Method = Callable[..., Any]
    Begin = Callable[[Any, tuple[Any, ...], dict[str, Any]], SessionCall | None]
    Connecting = Callable[[object, tuple[Any, ...], dict[str, Any]], ConnectCall | None]
    Rows = Callable[[Any], list[Any] | None]

_BEGIN = guard.site("hooks.asyncpg.call")
_CONNECT = guard.site("hooks.asyncpg.connect")
# Whether this task is inside a ``connect`` that is observed already.
_connecting: ContextVar[bool] = ContextVar("otelmon_asyncpg_connecting", default=False)


def all_rows(result: Any) -> list[Any] | None:  # noqa: ANN401 - what asyncpg returned
    """Returns the rows of a result that is a list of them."""
    return result if isinstance(result, list) else None


def one_row(result: Any) -> list[Any] | None:  # noqa: ANN401 - what asyncpg returned
    """Returns the rows of a result that is a row, or None where there was none."""
    return [] if result is None else [result]


def one_value(result: Any) -> list[Any] | None:  # noqa: ANN401 - what asyncpg returned
    """Returns the rows of a result that is a value; None is a row's value, or no row."""
    return None if result is None else [result]


def no_rows(_: Any) -> list[Any] | None:  # noqa: ANN401 - what asyncpg returned
    """Returns the rows of a method that returns none."""
    return None


def of_connection(original: Method, begin: Begin, rows: Rows) -> Method:
    """Observes a coroutine function."""

    @functools.wraps(original)
    async def method(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - asyncpg's own signature
        call = guard.call(_BEGIN, begin, self, args, options)
        if call is None:
            return await original(self, *args, **options)
        with call:
            result = await original(self, *args, **options)
            call.rows = rows(result)
        return result

    return method


def of_resource(original: Method, begin: Begin, rows: Rows) -> Method:
    """Observes a function that refuses at once, or returns a coroutine."""

    @functools.wraps(original)
    def method(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - asyncpg's own signature
        with _Refusal(begin, (self, args, options)):
            coroutine = original(self, *args, **options)
        return _run(begin, (self, args, options), coroutine, rows)

    return method


class _Refusal:
    """A block that records a call which is refused before it could begin."""

    __slots__ = ("_begin", "_given")

    def __init__(self, begin: Begin, given: tuple[Any, Any, Any]) -> None:
        self._begin = begin
        self._given = given

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        call = None if error is None else guard.call(_BEGIN, self._begin, *self._given)
        if call is not None:
            call.__exit__(kind, error, traceback)


async def _run(begin: Begin, given: tuple[Any, Any, Any], coroutine: Any, rows: Rows) -> Any:  # noqa: ANN401 - what asyncpg returned
    call = guard.call(_BEGIN, begin, *given)
    if call is None:
        return await coroutine
    with call:
        result = await coroutine
        call.rows = rows(result)
    return result


def of_iteration(original: Method, begin: Begin) -> Method:
    """Observes the step of a cursor's iteration that asks the server; the others take a row from its buffer."""
    asking = of_resource(original, begin, no_rows)

    @functools.wraps(original)
    def __anext__(self: Any) -> Any:  # noqa: ANN401, N807 - asyncpg's own signature
        return original(self) if has_rows(self) or is_exhausted(self) else asking(self)

    return __anext__


def of_opening(original: Method, begin: Begin) -> Method:
    """Observes the opening of a cursor, which is awaited itself."""

    @functools.wraps(original)
    def __await__(self: Any) -> Generator[Any, Any, Any]:  # noqa: ANN401, N807 - asyncpg's own signature
        return _open(begin, self, original(self))

    return __await__


def _open(begin: Begin, factory: Any, steps: Any) -> Generator[Any, Any, Any]:  # noqa: ANN401 - asyncpg's own classes
    call = guard.call(_BEGIN, begin, factory, (), {})
    if call is None:
        return (yield from steps)
    with call:
        return (yield from steps)


def of_connect(original: Method, begin: Connecting) -> Method:
    """Observes a function that establishes a connection; one below another counts once.

    The outer one sees its time limit pass, the inner one is there for a ``connect`` that was imported before.
    """

    @functools.wraps(original)
    async def connect(*args: Any, **options: Any) -> Any:  # noqa: ANN401 - asyncpg's own signature
        call = None if _connecting.get() else guard.call(_CONNECT, begin, None, args, options)
        if call is None:
            return await original(*args, **options)
        _connecting.set(True)
        try:
            with call:
                call.made = connection = await original(*args, **options)
        finally:
            # Not by its token: a coroutine that is closed by the garbage collector may end in another context.
            _connecting.set(False)
        return connection

    return connect
