"""Watches the pools of psycopg_pool: their state, who holds a connection since when, who waits, and who is refused.

State comes from the pool's public statistics. How long a connection took to open is told by none of them one by one, so
a private function is stood in front of, here only; tests/contract holds it against the release.
"""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING, Any

from otelmon import guard
from otelmon.hooks.late_hook import LateHook
from otelmon.hooks.patching import patch, undo_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.hooks.psycopg_pool_watch import PoolWatch
    from otelmon.registry import HookRegistry

_POOL = guard.site("hooks.psycopg_pool.pool")
_RETURN = guard.site("hooks.psycopg_pool.return")
_CONNECT = "_connect"


class PsycopgPoolHook(LateHook):
    """Watches ``ConnectionPool``, ``NullConnectionPool``, both asynchronous ones, and what applications derive."""

    name = "psycopg_pool"
    requires = "psycopg-pool>=3.2,<4"
    library = "psycopg_pool"

    def wire(self, registry: HookRegistry) -> Callable[[], None]:
        """Patches the pool classes and returns what undoes it; pools made before are seen at their next use."""
        import psycopg_pool  # noqa: PLC0415 - the library is imported only where it is watched

        from otelmon.hooks import psycopg_pool_watch  # noqa: PLC0415 - it imports psycopg_pool

        watch = psycopg_pool_watch.PoolWatch(registry)
        request = functools.partial(psycopg_pool_watch.Request, watch)
        steps = []
        # The pools without connections of their own are derived from these, and override none of the functions below.
        for kind, wrapped in ((psycopg_pool.ConnectionPool, _SYNC), (psycopg_pool.AsyncConnectionPool, _ASYNC)):
            owner: Any = kind
            steps += [
                patch(owner, "__init__", _created(watch, owner.__init__)),
                patch(owner, "getconn", wrapped["getconn"](request, owner.getconn)),
                patch(owner, "putconn", wrapped["putconn"](watch, owner.putconn)),
                patch(owner, "close", wrapped["close"](watch, owner.close)),
                patch(owner, _CONNECT, wrapped[_CONNECT](watch, getattr(owner, _CONNECT))),
            ]
        return undo_all(steps)


class _Opening:
    """A block around the opening of a connection."""

    def __init__(self, watch: PoolWatch, pool: object) -> None:
        self._watch = watch
        self._pool = pool
        self._began_ns = time.monotonic_ns()

    def done(self, connection: object) -> None:
        guard.call(_POOL, self._watch.opened, self._pool, connection, time.monotonic_ns() - self._began_ns)


class _Return:
    """A block around a return, after which the pool has accepted the connection or has not."""

    def __init__(self, watch: PoolWatch, pool: object, connection: object) -> None:
        self._watch = watch
        self._pool = pool
        self._connection = connection
        self._checkout = guard.call(_RETURN, watch.given_back, pool, connection)

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: object, traceback: object) -> None:
        if self._checkout is None:
            return
        if kind is None:
            guard.call(_RETURN, self._watch.returned, self._connection, self._checkout)
        else:
            guard.call(_RETURN, self._watch.not_accepted, self._pool, self._connection, self._checkout)


def _created(watch: PoolWatch, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def __init__(self: Any, *args: Any, **options: Any) -> None:  # noqa: ANN401, N807 - the pool's own signature
        original(self, *args, **options)
        guard.call(_POOL, watch.pool, self)

    return __init__


def _getconn(request: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def getconn(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - the pool's own signature
        with request(self) as asking:
            asking.connection = original(self, *args, **options)
        return asking.connection

    return getconn


def _async_getconn(request: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    async def getconn(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - the pool's own signature
        with request(self) as asking:
            asking.connection = await original(self, *args, **options)
        return asking.connection

    return getconn


def _putconn(watch: PoolWatch, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def putconn(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - the pool's own signature
        with _Return(watch, self, args[0] if args else options.get("conn")):
            return original(self, *args, **options)

    return putconn


def _async_putconn(watch: PoolWatch, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    async def putconn(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - the pool's own signature
        with _Return(watch, self, args[0] if args else options.get("conn")):
            return await original(self, *args, **options)

    return putconn


def _close(watch: PoolWatch, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def close(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - the pool's own signature
        result = original(self, *args, **options)
        guard.call(_POOL, watch.closed, self)
        return result

    return close


def _async_close(watch: PoolWatch, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    async def close(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - the pool's own signature
        result = await original(self, *args, **options)
        guard.call(_POOL, watch.closed, self)
        return result

    return close


def _connect(watch: PoolWatch, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def _connect(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - the pool's own signature
        opening = _Opening(watch, self)
        connection = original(self, *args, **options)
        opening.done(connection)
        return connection

    return _connect


def _async_connect(watch: PoolWatch, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    async def _connect(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - the pool's own signature
        opening = _Opening(watch, self)
        connection = await original(self, *args, **options)
        opening.done(connection)
        return connection

    return _connect


_SYNC: dict[str, Callable[..., Any]] = {
    "getconn": _getconn,
    "putconn": _putconn,
    "close": _close,
    _CONNECT: _connect,
}
_ASYNC: dict[str, Callable[..., Any]] = {
    "getconn": _async_getconn,
    "putconn": _async_putconn,
    "close": _async_close,
    _CONNECT: _async_connect,
}
hook = PsycopgPoolHook()
