"""Knows the pools of psycopg_pool, who asks them for connections, and who has one."""

from __future__ import annotations

import inspect
import time
import weakref
from typing import TYPE_CHECKING, Any

from opentelemetry import trace
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import PoolTimeout, TooManyRequests

from otelmon import guard
from otelmon.hooks.acquiring_stack import acquiring_stack
from otelmon.hooks.watched_psycopg import WatchedPsycopg
from otelmon.records import Checkout, PoolState

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from otelmon.registry import HookRegistry

_POOL = guard.site("hooks.psycopg_pool.pool")
_REQUEST = guard.site("hooks.psycopg_pool.request")
_LOST = guard.site("hooks.psycopg_pool.lost")


class WatchedPool:
    """Holds one pool weakly, the name under which it is reported, and which of its connections are out."""

    __slots__ = ("lost", "name", "out", "reference")

    def __init__(self, pool: Any, forget: Callable[[object], object]) -> None:  # noqa: ANN401 - any pool class
        self.reference: weakref.ref[Any] = weakref.ref(pool, forget)
        self.name = ""
        self.out: set[int] = set()
        # Collected without return: the pool counts them as out for ever.
        self.lost = 0

    def used(self) -> int:
        """Returns how many connections are out."""
        return len(self.out) + self.lost

    def state(self) -> PoolState:
        """Returns what the pool looks like, without waiting; a limit of 0 is none."""
        pool = self.reference()
        if pool is None:
            return PoolState()
        told = pool.get_stats()
        return PoolState(
            told.get("pool_available"), self.used(), pool.max_size or None, pool.min_size, told.get("requests_waiting")
        )


class PoolWatch:
    """Knows the pools and connections it has seen by identity; it keeps none of them alive."""

    def __init__(self, registry: HookRegistry) -> None:
        self._registry = registry
        self.book = registry.connections
        self._pools: dict[int, WatchedPool] = {}
        self._connections: dict[int, WatchedPsycopg] = {}

    def pool(self, pool: Any) -> WatchedPool:  # noqa: ANN401 - any pool class
        """Returns what is known of a pool, which is reported from the first time on."""
        key = id(pool)
        known = self._pools.get(key)
        if known is not None and known.reference() is pool:
            return known
        fresh = WatchedPool(pool, lambda _: guard.call(_POOL, self._forget, key))
        fresh.name = self._registry.add_pool(_name_of(pool), fresh.state, counted=True)
        self._pools[key] = fresh
        return fresh

    def _forget(self, key: int) -> None:
        known = self._pools.pop(key, None)
        if known is not None:
            self._registry.remove_pool(known.name)

    def closed(self, pool: Any) -> None:  # noqa: ANN401 - any pool class
        """Forgets a pool that was closed; connections that are out may still come back, or leak."""
        self._forget(id(pool))

    def opened(self, pool: Any, connection: object, duration_ns: int) -> None:  # noqa: ANN401 - any pool class
        """Notes how long the pool took to open a connection, which belongs to it from now on."""
        self.book.direct.pooled(id(connection))
        self.book.created(self.pool(pool).name, duration_ns)

    def taken(self, watched: WatchedPool, asked: Checkout, connection: object) -> None:
        """Notes who has got a connection."""
        key = id(connection)
        known = self._connections.get(key)
        if known is None:
            known = WatchedPsycopg(connection, watched.name, lambda: guard.call(_LOST, self._gone, key, watched))
            self._connections[key] = known
        watched.out.add(key)
        now_ns = time.monotonic_ns()
        self.book.served_in(watched.name, now_ns - asked.since_ns)
        self.book.checked_out(key, Checkout(watched.name, now_ns, asked.span, asked.stack, known))

    def _gone(self, key: int, watched: WatchedPool) -> None:
        self._connections.pop(key, None)
        if key in watched.out:
            watched.out.discard(key)
            watched.lost += 1
        self.book.lost(key, time.monotonic_ns())

    def given_back(self, pool: Any, connection: object) -> Checkout | None:  # noqa: ANN401 - any pool class
        """Notes that a connection is on its way back; before, for afterwards another may have it already."""
        key = id(connection)
        self.pool(pool).out.discard(key)
        return self.book.checked_in(key)

    def returned(self, connection: object, checkout: Checkout) -> None:
        """Notes that the pool has accepted the connection."""
        self.book.returned(id(connection), checkout, time.monotonic_ns())

    def not_accepted(self, pool: Any, connection: object, checkout: Checkout) -> None:  # noqa: ANN401 - any pool class
        """Notes that the connection is still out: it came to a pool that does not know it."""
        del pool
        known = next((each for each in tuple(self._pools.values()) if each.name == checkout.pool_name), None)
        if known is not None:
            known.out.add(id(connection))
        self.book.still_out(id(connection), checkout)


class Request:
    """A block around a request for a connection, which may wait and may be refused."""

    __slots__ = ("_asked", "_pool", "_waits", "_watch", "_watched", "connection")

    def __init__(self, watch: PoolWatch, pool: Any) -> None:  # noqa: ANN401 - any pool class
        self._watch = watch
        self._pool = pool
        self._watched: WatchedPool | None = None
        self._waits = False
        self.connection: object = None

    def __enter__(self) -> Request:  # noqa: PYI034 - Self is in typing from Python 3.11 on
        guard.call(_REQUEST, self._begin)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._watched is not None:
            guard.call(_REQUEST, self._end, self._watched, error)

    def _begin(self) -> None:
        watched = self._watch.pool(self._pool)
        span = trace.get_current_span().get_span_context()
        stack = acquiring_stack(inspect.currentframe())
        self._asked = Checkout(watched.name, time.monotonic_ns(), span, stack)
        self._watched = watched
        if 0 < self._pool.max_size <= watched.used():
            self._waits = True
            self._watch.book.waits(id(self), self._asked, watched.state())

    def _end(self, watched: WatchedPool, error: BaseException | None) -> None:
        if self._waits:
            self._watch.book.waited(id(self), watched.name)
        if error is None:
            self._watch.taken(watched, self._asked, self.connection)
        elif isinstance(error, (PoolTimeout, TooManyRequests)):
            self._watch.book.refused(self._asked, watched.state())


def _name_of(pool: Any) -> str:  # noqa: ANN401 - any pool class
    """Returns ``host:port/database#1`` of a pool as configured, never a user; ``default`` for what is not told."""
    told = {**_told(pool.conninfo), **(pool.kwargs if isinstance(pool.kwargs, dict) else {})}
    host, port, database = told.get("host") or told.get("hostaddr"), told.get("port"), told.get("dbname")
    return f"{host or 'default'}:{port or 'default'}/{database or 'default'}#1"


def _told(conninfo: object) -> dict[str, Any]:
    try:
        return conninfo_to_dict(conninfo) if isinstance(conninfo, str) else {}
    except ProgrammingError:
        # The application is told when the pool connects.
        return {}
