"""Knows the pools of asyncpg, who asks them for connections, and who has one.

A pool tells nobody which connection belongs to whom. Private fields are read here only; tests/contract holds them
against the release.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
import time
import weakref
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from opentelemetry import trace

from otelmon import guard
from otelmon.hooks.acquiring_stack import acquiring_stack
from otelmon.hooks.asyncpg.sessions import facts_of_arguments
from otelmon.hooks.connection_use import use_in_asyncpg
from otelmon.records import Checkout, PoolState

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from otelmon.records import ConnectionUse
    from otelmon.registry import HookRegistry

_POOL = guard.site("hooks.asyncpg_pool.pool")
_REQUEST = guard.site("hooks.asyncpg_pool.request")
# The request that this task is making.
asking: ContextVar[Request | None] = ContextVar("otelmon_asyncpg_asking", default=None)
# The holder's, the connection's, the variable here, and the argument of the function that counts.
_REFERENCES_OF_THE_POOL = 4


class WatchedPool:
    """Holds a pool weakly by one of its holders, for asyncpg's pool itself cannot be referred to so."""

    __slots__ = ("asking", "creating", "holder", "most", "name", "out")

    def __init__(self, pool: Any, gone: Callable[[object], object]) -> None:  # noqa: ANN401 - any pool class
        self.holder: weakref.ref[Any] = weakref.ref(pool._holders[0], gone)  # noqa: SLF001 - see the module's docstring
        self.most: int = pool.get_max_size()
        self.name = ""
        self.asking: set[int] = set()
        self.creating: set[int] = set()
        # The identity of the proxy that each holder has given out.
        self.out: dict[int, int] = {}

    def pool(self) -> Any:  # noqa: ANN401 - any pool class
        """Returns the pool, None where it is gone."""
        holder = self.holder()
        return None if holder is None else holder._pool  # noqa: SLF001 - see the module's docstring

    def is_full(self) -> bool:
        """Tells whether the next request has to wait."""
        return len(self.out) + len(self.creating) >= self.most

    def state(self) -> PoolState:
        """Returns what the pool looks like now."""
        pool = self.pool()
        if pool is None:
            return PoolState()
        waiting = len(self.asking) - len(self.creating) if self.is_full() else 0
        return PoolState(_idle(pool), len(self.out), self.most, pool.get_min_size(), max(0, waiting))


def _idle(pool: Any) -> int | None:  # noqa: ANN401 - any pool class
    try:
        idle: int = pool.get_idle_size()
    except AttributeError:
        # The loop's thread has closed a connection meanwhile.
        return None
    return idle


class Request:
    """A block in which a pool is asked for a connection.

    Timers that asyncpg sets meanwhile keep its context, and so the request, which therefore keeps nothing once it
    ``is_over``.
    """

    __slots__ = ("_watch", "asked", "is_over", "is_waiting", "pool", "proxy")

    def __init__(self, watch: PoolWatch, pool: WatchedPool, asked: Checkout) -> None:
        self._watch = watch
        self.pool = pool
        self.asked = asked
        self.is_over = False
        self.is_waiting = False
        self.proxy: Any = None

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        guard.call(_REQUEST, self._watch.answered, self, error)
        self.is_over = True
        self.proxy = None


class TakenConnection:
    """Stands for a connection that is out, without keeping it alive."""

    __slots__ = ("_holder", "_proxy_id")

    def __init__(self, holder: Any, proxy: object) -> None:  # noqa: ANN401 - asyncpg's class
        self._holder: weakref.ref[Any] = weakref.ref(holder)
        self._proxy_id = id(proxy)

    def use(self) -> ConnectionUse | None:
        """Returns what the connection is doing now; None where that cannot be known."""
        holder = self._holder()
        if holder is None:
            return None
        proxy, connection = holder._proxy, holder._con  # noqa: SLF001 - see the module's docstring
        if proxy is None or connection is None or id(proxy) != self._proxy_id:
            # Closed by the application, which lets the pool have the place at once.
            return "closed"
        use = use_in_asyncpg(connection)
        is_lost = use != "busy" and sys.getrefcount(proxy) <= _REFERENCES_OF_THE_POOL
        return "abandoned" if is_lost else use


class PoolWatch:
    """Knows the pools that it has seen; it keeps none of them alive."""

    def __init__(self, registry: HookRegistry) -> None:
        self._registry = registry
        self.book = registry.connections
        self._pools: dict[int, WatchedPool] = {}

    def _of(self, pool: Any) -> WatchedPool:  # noqa: ANN401 - any pool class
        known = self._pools.get(id(pool))
        return known if known is not None and known.pool() is pool else self._first_seen(pool)

    def _first_seen(self, pool: Any) -> WatchedPool:  # noqa: ANN401 - any pool class
        key = id(pool)
        watched = WatchedPool(pool, lambda _: guard.call(_POOL, self._forget, key))
        watched.name = self._registry.add_pool(_name_of(pool), watched.state, counted=True)
        self._pools[key] = watched
        return watched

    def _forget(self, key: int) -> None:
        known = self._pools.pop(key, None)
        if known is not None:
            self._registry.remove_pool(known.name)

    def asks(self, pool: Any) -> Request | None:  # noqa: ANN401 - any pool class
        """Begins a request; None of a pool that is not ready, which refuses it."""
        if not pool._holders or pool.is_closing():  # noqa: SLF001 - see the module's docstring
            return None
        watched = self._of(pool)
        span, stack = trace.get_current_span().get_span_context(), acquiring_stack(inspect.currentframe())
        request = Request(self, watched, Checkout(watched.name, time.monotonic_ns(), span, stack))
        asking.set(request)
        watched.asking.add(id(request))
        if watched.is_full():
            request.is_waiting = True
            self.book.waits(id(request), request.asked, watched.state())
        return request

    def answered(self, request: Request, error: BaseException | None) -> None:
        """Ends a request."""
        pool, asked, key = request.pool, request.asked, id(request)
        asking.set(None)
        if isinstance(error, asyncio.TimeoutError):
            self.book.refused(asked, pool.state())
        pool.asking.discard(key)
        if request.is_waiting:
            self.book.waited(key, pool.name)
        if error is None:
            self._taken(pool, asked, request.proxy)

    def _taken(self, pool: WatchedPool, asked: Checkout, proxy: Any) -> None:  # noqa: ANN401 - asyncpg's class
        holder, now_ns = proxy._holder, time.monotonic_ns()  # noqa: SLF001 - see the module's docstring
        key = id(holder)
        if pool.out.pop(key, None) is not None:
            # Closed by the application and never released: the pool has its place back, and so it is out no more.
            self.book.forget(key)
        pool.out[key] = id(proxy)
        taken = TakenConnection(holder, proxy)
        self.book.checked_out(key, Checkout(pool.name, now_ns, asked.span, asked.stack, taken))
        self.book.served_in(pool.name, now_ns - asked.since_ns)

    def given_back(self, pool: Any, proxy: Any) -> tuple[int, Checkout] | None:  # noqa: ANN401 - any pool and connection
        """Notes that a connection is on its way back; None where it is not out, or of another pool."""
        holder = getattr(proxy, "_holder", None)
        watched = self._pools.get(id(pool))
        if holder is None or watched is None or watched.out.get(id(holder)) != id(proxy):
            return None
        del watched.out[id(holder)]
        checkout = self.book.checked_in(id(holder))
        return None if checkout is None else (id(holder), checkout)

    def ended(self, pool: Any) -> None:  # noqa: ANN401 - any pool class
        """Forgets a pool that has ended, with the connections that were out."""
        watched = self._pools.get(id(pool))
        if watched is not None:
            for key in tuple(watched.out):
                self.book.forget(key)
            self._forget(id(pool))


def _name_of(pool: Any) -> str:  # noqa: ANN401 - any pool class
    """Returns ``host:port/database#1`` of a pool as configured, never a user; ``default`` for what is not told."""
    args, options = pool._connect_args, pool._connect_kwargs  # noqa: SLF001 - see the module's docstring
    told = facts_of_arguments({"dsn": args[0] if args else None, **options})
    host, port, database = told.server_address, told.server_port, told.namespace
    return f"{host or 'default'}:{port or 'default'}/{database or 'default'}#1"
