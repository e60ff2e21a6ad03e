"""Watches the pools of psycopg2: their state, who holds a connection since when, and requests that found none.

psycopg2 offers no statistics, so private fields are read, here only; tests/contract holds them against the release.
"""

from __future__ import annotations

import functools
import sys
import time
import weakref
from typing import TYPE_CHECKING, Any

from opentelemetry import trace

from otelmon import guard
from otelmon.hooks.acquiring_stack import acquiring_stack
from otelmon.hooks.late_hook import LateHook
from otelmon.hooks.patching import patch, undo_all
from otelmon.hooks.psycopg2_pool_name import pool_name
from otelmon.records import Checkout, PoolState

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.hooks.watched_connection import WatchedConnection
    from otelmon.registry import HookRegistry

_POOL_SITE = guard.site("hooks.psycopg2_pool.pool")
_CHECKOUT_SITE = guard.site("hooks.psycopg2_pool.checkout")
_RETURN_SITE = guard.site("hooks.psycopg2_pool.return")
# From a function behind the guard to the caller of the pool: that function, the guard, what stands before the pool's.
_TO_THE_CALLER = 3


class Psycopg2PoolHook(LateHook):
    """Watches ``SimpleConnectionPool``, ``ThreadedConnectionPool`` and what applications derive from them.

    The supported releases have no other pool: ``PersistentConnectionPool`` ended before 2.8.6.
    """

    name = "psycopg2_pool"
    requires = "psycopg2>=2.8.6,<3 | psycopg2-binary>=2.8.6,<3"
    library = "psycopg2.pool"

    def wire(self, registry: HookRegistry) -> Callable[[], None]:
        """Patches the pool classes and returns what undoes it; pools made before are seen at their next use."""
        from psycopg2 import pool  # noqa: PLC0415 - the library is imported only where it is watched

        watch = PoolWatch(registry, pool.PoolError)
        base: Any = pool.AbstractConnectionPool
        # All concrete classes run the base's __init__ and _connect; of its other functions each has its own.
        steps = [
            patch(base, "__init__", _created(watch, base.__init__)),
            patch(base, "_connect", _connected(watch, base._connect)),  # noqa: SLF001 - see the module's docstring
        ]
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


def _connected(watch: PoolWatch, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def _connect(self: Any, key: Any = None) -> Any:  # noqa: ANN401 - the pool's own signature
        if key is None:
            # A connection that a pool opens in advance; nobody waits for it, and the pool may have no name yet.
            connection = original(self)
            guard.call(_POOL_SITE, watch.pooled, connection)
            return connection
        began_ns = time.monotonic_ns()
        connection = original(self, key)
        guard.call(_POOL_SITE, watch.pooled, connection)
        guard.call(_CHECKOUT_SITE, watch.opened, self, time.monotonic_ns() - began_ns)
        return connection

    return _connect


def _getconn(watch: PoolWatch, original: Callable[..., Any]) -> Callable[..., Any]:
    taken, refused, pool_error = watch.taken, watch.refused, watch.pool_error

    @functools.wraps(original)
    def getconn(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - the pool's own signature
        try:
            connection = original(self, *args, **options)
        except pool_error as error:
            guard.call(_CHECKOUT_SITE, refused, self, error)
            raise
        guard.call(_CHECKOUT_SITE, taken, self, connection, *args, **options)
        return connection

    return getconn


def _putconn(watch: PoolWatch, original: Callable[..., Any]) -> Callable[..., Any]:
    given_back, returned, not_accepted = watch.given_back, watch.returned, watch.not_accepted

    @functools.wraps(original)
    def putconn(self: Any, conn: Any = None, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - the pool's own signature
        # Before, not after: once it is back another thread may take the same connection at once.
        given = guard.call(_RETURN_SITE, given_back, conn)
        accepted = False
        try:
            result = original(self, conn, *args, **options)
            accepted = True
        finally:
            if given is not None:
                guard.call(_RETURN_SITE, returned if accepted else not_accepted, self, given)
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
        # With psycopg2 itself, which is imported only where it is watched.
        from otelmon.hooks.watched_connection import WatchedConnection  # noqa: PLC0415

        self.pool_error = pool_error
        self._watched = WatchedConnection
        self._registry = registry
        self._book = registry.connections
        self._pools: dict[int, tuple[weakref.ref[Any], str]] = {}
        self._connections: dict[int, WatchedConnection] = {}

    def name_of(self, pool: Any) -> str:  # noqa: ANN401 - any pool class
        """Returns the name of a pool, under which it is reported from the first time on."""
        key = id(pool)
        known = self._pools.get(key)
        if known is not None and known[0]() is pool:
            return known[1]
        wanted = pool_name(pool._args, pool._kwargs, pool._pool[:1])  # noqa: SLF001 - see the module's docstring
        name = self._registry.add_pool(wanted, _reader(weakref.ref(pool)), counted=True)
        self._pools[key] = (weakref.ref(pool, lambda _: guard.call(_POOL_SITE, self._forget, key)), name)
        return name

    def _forget(self, key: int) -> None:
        known = self._pools.pop(key, None)
        if known is not None:
            self._registry.remove_pool(known[1])

    def taken(self, pool: Any, connection: Any, key: Any = None) -> None:  # noqa: ANN401 - any pool, connection and key
        """Notes who has taken a connection, when and in which span."""
        identity = id(connection)
        watched = self._connections.get(identity) or self._first_seen(pool, connection)
        watched.keyed = key is not None
        span = trace.get_current_span().get_span_context()
        stack = acquiring_stack(sys._getframe(_TO_THE_CALLER))  # noqa: SLF001 - inspect has no way to begin further out
        self._book.checked_out(identity, Checkout(watched.pool_name, time.monotonic_ns(), span, stack, watched))

    def _first_seen(self, pool: Any, connection: Any) -> WatchedConnection:  # noqa: ANN401 - any pool and connection class
        key = id(connection)
        watched = self._watched(
            connection,
            self.name_of(pool),
            lambda: guard.call(_RETURN_SITE, self._gone, key),
        )
        self._connections[key] = watched
        return watched

    def _gone(self, key: int) -> None:
        self._connections.pop(key, None)
        self._book.lost(key, time.monotonic_ns())

    def given_back(self, connection: Any) -> tuple[int, Checkout] | None:  # noqa: ANN401 - any connection class
        """Notes that a connection is on its way back and returns its key and checkout, if one is known."""
        key = id(connection)
        checkout = self._book.checked_in(key)
        return None if checkout is None else (key, checkout)

    def returned(self, _: Any, given: tuple[int, Checkout]) -> None:  # noqa: ANN401 - any pool class
        """Notes that the pool has accepted the connection."""
        self._book.returned(*given, time.monotonic_ns())

    def not_accepted(self, pool: Any, given: tuple[int, Checkout]) -> None:  # noqa: ANN401 - any pool class
        """Notes that a connection is still out: it came to a pool that does not know it, or its rollback failed."""
        if not pool.closed:
            self._book.still_out(*given)

    def opened(self, pool: Any, duration_ns: int) -> None:  # noqa: ANN401 - any pool class
        """Notes how long a request waited for a new connection."""
        self._book.created(self.name_of(pool), duration_ns)

    def pooled(self, connection: object) -> None:
        """Notes that a connection belongs to a pool."""
        self._book.direct.pooled(id(connection))

    def refused(self, pool: Any, error: Exception) -> None:  # noqa: ANN401 - any pool class
        """Notes a request that met an exhausted pool; psycopg2 refuses at once, without waiting."""
        if "exhausted" in str(error):
            span = trace.get_current_span().get_span_context()
            stack = acquiring_stack(sys._getframe(_TO_THE_CALLER))  # noqa: SLF001 - as above
            self._book.refused(Checkout(self.name_of(pool), time.monotonic_ns(), span, stack), _state(pool))

    def closed(self, pool: Any) -> None:  # noqa: ANN401 - any pool class
        """Forgets a pool that was closed, with the connections that were out."""
        for connection in tuple(pool._used.values()):  # noqa: SLF001 - see the module's docstring
            self._book.forget(id(connection))
        self._forget(id(pool))


def _state(pool: Any) -> PoolState:  # noqa: ANN401 - any pool class
    return PoolState(idle=len(pool._pool), used=len(pool._used), max=pool.maxconn, min=pool.minconn)  # noqa: SLF001 - see the module's docstring


def _reader(reference: weakref.ref[Any]) -> Callable[[], PoolState]:
    def read() -> PoolState:
        pool = reference()
        return PoolState() if pool is None else _state(pool)

    return read


hook = Psycopg2PoolHook()
