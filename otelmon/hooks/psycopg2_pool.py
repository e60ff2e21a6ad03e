"""Watches the pools of psycopg2: their state, who holds a connection since when, and requests that found none.

psycopg2 offers no statistics, so private fields are read, here only; tests/contract holds them against the release.
"""

from __future__ import annotations

import functools
import time
import weakref
from typing import TYPE_CHECKING, Any

from opentelemetry import trace

from otelmon import guard
from otelmon.hooks.calling_line import calling_line
from otelmon.hooks.patching import patch, undo_all
from otelmon.records import Checkout, PoolState

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.registry import HookRegistry

_POOL_SITE = guard.site("hooks.psycopg2_pool.pool")
_CHECKOUT_SITE = guard.site("hooks.psycopg2_pool.checkout")
_RETURN_SITE = guard.site("hooks.psycopg2_pool.return")


class Psycopg2PoolHook:
    """Watches ``SimpleConnectionPool``, ``ThreadedConnectionPool`` and what applications derive from them."""

    name = "psycopg2_pool"
    requires = "psycopg2>=2.8.6,<3 | psycopg2-binary>=2.8.6,<3"

    def install(self, registry: HookRegistry) -> Callable[[], None]:
        """Patches the pool classes and returns what undoes it; pools made before are seen at their next use."""
        from psycopg2 import pool  # noqa: PLC0415 - the library is imported only where it is watched

        watch = PoolWatch(registry, pool.PoolError)
        base = pool.AbstractConnectionPool
        # Both concrete classes run the base's __init__; its other functions SimpleConnectionPool has bound itself.
        steps = [patch(base, "__init__", _created(watch, base.__init__))]
        for kind in (pool.SimpleConnectionPool, pool.ThreadedConnectionPool):
            steps.append(patch(kind, "getconn", _getconn(watch, kind.getconn)))
            steps.append(patch(kind, "putconn", _putconn(watch, kind.putconn)))
            steps.append(patch(kind, "closeall", _closeall(watch, kind.closeall)))
        return undo_all(steps)


def _created(watch: PoolWatch, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def __init__(self: Any, *args: Any, **options: Any) -> None:  # noqa: ANN401, N807 - the pool's own signature
        original(self, *args, **options)
        guard.call(_POOL_SITE, watch.name_of, self)

    return __init__


def _getconn(watch: PoolWatch, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def getconn(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - the pool's own signature
        try:
            connection = original(self, *args, **options)
        except watch.pool_error as error:
            guard.call(_CHECKOUT_SITE, watch.refused, self, error)
            raise
        guard.call(_CHECKOUT_SITE, watch.taken, self, connection)
        return connection

    return getconn


def _putconn(watch: PoolWatch, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def putconn(self: Any, conn: Any = None, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - the pool's own signature
        # Before, not after: once it is back another thread may take the same connection at once.
        checkout = guard.call(_RETURN_SITE, watch.given_back, conn)
        returned = False
        try:
            result = original(self, conn, *args, **options)
            returned = True
        finally:
            if not returned and checkout is not None:
                guard.call(_RETURN_SITE, watch.not_accepted, self, conn, checkout)
        return result

    return putconn


def _closeall(watch: PoolWatch, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def closeall(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - the pool's own signature
        result = original(self, *args, **options)
        guard.call(_POOL_SITE, watch.closed, self)
        return result

    return closeall


class PoolWatch:
    """Knows the pools and connections it has seen by identity; it keeps none of them alive."""

    def __init__(self, registry: HookRegistry, pool_error: type[Exception]) -> None:
        self.pool_error = pool_error
        self._registry = registry
        self._pools: dict[int, tuple[weakref.ref[Any], str]] = {}
        self._connections: dict[int, weakref.ref[Any]] = {}

    def name_of(self, pool: Any) -> str:  # noqa: ANN401 - any pool class
        """Returns the name of a pool, under which it is reported from the first time on."""
        key = id(pool)
        known = self._pools.get(key)
        if known is not None and known[0]() is pool:
            return known[1]
        name = self._registry.add_pool(pool_name(pool), _reader(weakref.ref(pool)), counted=True)
        self._pools[key] = (weakref.ref(pool, lambda _: guard.call(_POOL_SITE, self._forget, key)), name)
        return name

    def _forget(self, key: int) -> None:
        known = self._pools.pop(key, None)
        if known is not None:
            self._registry.remove_pool(known[1])

    def taken(self, pool: Any, connection: Any) -> None:  # noqa: ANN401 - any pool and connection class
        """Notes who has taken a connection, when and in which span."""
        key = id(connection)
        if key not in self._connections:
            self._connections[key] = weakref.ref(connection, lambda _: guard.call(_RETURN_SITE, self._gone, key))
        self._registry.checked_out(key, _checkout(self.name_of(pool)))

    def _gone(self, key: int) -> None:
        self._connections.pop(key, None)
        self._registry.checked_in(key)

    def given_back(self, connection: Any) -> Checkout | None:  # noqa: ANN401 - any connection class
        """Notes that a connection is on its way back and returns its checkout, if one is known."""
        return self._registry.checked_in(id(connection))

    def not_accepted(self, pool: Any, connection: Any, checkout: Checkout) -> None:  # noqa: ANN401 - any pool and connection class
        """Notes that a connection is still out: it came to a pool that does not know it, or its rollback failed."""
        if not pool.closed:
            self._registry.still_out(id(connection), checkout)

    def refused(self, pool: Any, error: Exception) -> None:  # noqa: ANN401 - any pool class
        """Counts a request that met an exhausted pool; psycopg2 refuses at once, without waiting."""
        if "exhausted" in str(error):
            self._registry.timed_out(self.name_of(pool))

    def closed(self, pool: Any) -> None:  # noqa: ANN401 - any pool class
        """Forgets a pool that was closed, with the connections that were out."""
        for connection in tuple(pool._used.values()):  # noqa: SLF001 - see the module's docstring
            self._registry.checked_in(id(connection))
        self._forget(id(pool))


def _reader(reference: weakref.ref[Any]) -> Callable[[], PoolState]:
    def read() -> PoolState:
        pool = reference()
        if pool is None:
            return PoolState()
        return PoolState(idle=len(pool._pool), used=len(pool._used), max=pool.maxconn, min=pool.minconn)  # noqa: SLF001

    return read


def _checkout(name: str) -> Checkout:
    context = trace.get_current_span().get_span_context()
    line = calling_line()
    trace_id, span_id, flags = (
        (context.trace_id, context.span_id, int(context.trace_flags)) if context.is_valid else (0, 0, 0)
    )
    where = line if line is not None else (None, None, None)
    return Checkout(name, time.monotonic_ns(), time.time_ns(), trace_id, span_id, flags, *where)


def pool_name(pool: Any) -> str:  # noqa: ANN401 - any pool class
    """Returns ``host:port/database#1`` of a pool: as configured, else as its first connection knows; never a user.

    What neither says is ``default``, for it comes from the environment or the server.
    """
    told = _configured(pool._args, pool._kwargs)  # noqa: SLF001 - see the module's docstring
    idle = pool._pool[:1]  # noqa: SLF001 - see the module's docstring
    if idle and not all(told):
        info = idle[0].info
        host, port, database = (a or b for a, b in zip(told, (info.host, str(info.port), info.dbname), strict=True))
    else:
        host, port, database = told
    return f"{host or 'default'}:{port or 'default'}/{database or 'default'}#1"


def _configured(args: tuple[Any, ...], options: dict[str, Any]) -> tuple[str, str, str]:
    """Reads host, port and database from what a pool hands to ``psycopg2.connect``; empty if not given."""
    from psycopg2.extensions import parse_dsn  # noqa: PLC0415 - the library is imported only where it is watched

    dsn = args[0] if args else options.get("dsn")
    told = {**(parse_dsn(dsn) if dsn else {}), **options}
    host = told.get("host") or told.get("hostaddr") or ""
    return str(host), str(told.get("port") or ""), str(told.get("dbname") or told.get("database") or "")


hook = Psycopg2PoolHook()
