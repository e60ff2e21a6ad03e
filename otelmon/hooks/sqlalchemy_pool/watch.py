"""Follows requests for connections of SQLAlchemy's pools, and the connections until they come back."""

from __future__ import annotations

import inspect
import sys
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING

from opentelemetry import trace
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from otelmon import guard
from otelmon.hooks.acquiring_stack import acquiring_stack
from otelmon.hooks.sqlalchemy_pool.names import pool_name
from otelmon.hooks.sqlalchemy_pool.pools import TAKEN, Request, Taken, WatchedPool

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.engine import Dialect
    from sqlalchemy.pool import ConnectionPoolEntry, Pool, PoolProxiedConnection

    from otelmon.records import Stack
    from otelmon.registry import HookRegistry

_POOL = guard.site("hooks.sqlalchemy_pool.pool")
_RETURN = guard.site("hooks.sqlalchemy_pool.return")
# The request that this thread or task is making.
_asking: ContextVar[Request | None] = ContextVar("otelmon_sqlalchemy_asking", default=None)
# What a full AssertionPool raises, and a QueuePool whose time limit has passed.
_REFUSALS = (PoolTimeoutError, AssertionError)


class PoolWatch:
    """Knows the pools that it has seen by identity; it keeps none of them alive."""

    def __init__(self, registry: HookRegistry) -> None:
        self._registry = registry
        self._book = registry.connections
        self._pools: dict[int, WatchedPool] = {}

    def _of(self, pool: Pool) -> WatchedPool:
        known = self._pools.get(id(pool))
        return known if known is not None and known.reference() is pool else self._first_seen(pool)

    def _first_seen(self, pool: Pool) -> WatchedPool:
        key = id(pool)
        watched = WatchedPool(pool, lambda _: guard.call(_POOL, self._forget, key))
        return self._pools.setdefault(key, watched)

    def _forget(self, key: int) -> None:
        known = self._pools.pop(key, None)
        if known is not None and known.name:
            self._registry.remove_pool(known.name)

    def _name(self, pool: WatchedPool, told: Mapping[str, object], connection: object) -> None:
        """Gives a pool its name, under which it is reported from now on."""
        if not pool.name:
            pool.name = self._registry.add_pool(pool_name(told, connection), pool.state, counted=True)

    def asks(self, pool: Pool) -> Request:
        """Begins a request."""
        watched = self._of(pool)
        span = trace.get_current_span().get_span_context()
        request = Request(self, watched, time.monotonic_ns(), span, _stack())
        request.outer = _asking.get()
        _asking.set(request)
        watched.asking.add(id(request))
        if watched.name and watched.is_full():
            request.is_waiting = True
            self._book.waits(id(request), request.checkout(request.began_ns), watched.state())
        return request

    def answered(self, request: Request, error: BaseException | None) -> None:
        """Ends a request."""
        pool, key = request.pool, id(request)
        _asking.set(request.outer)
        if isinstance(error, _REFUSALS):
            self._name(pool, request.told, None)
            self._book.refused(request.checkout(time.monotonic_ns()), pool.state())
        pool.asking.discard(key)
        pool.creating.discard(key)
        if request.is_waiting:
            self._book.waited(key, pool.name)

    def connecting(self, _: Dialect, __: object, args: list[object], options: dict[str, object]) -> None:
        """Notes that a pool begins to open a connection for a request."""
        request = _asking.get()
        if request is not None:
            request.told = {"database": args[0], **options} if args and isinstance(args[0], str) else options
            request.creating_since_ns = time.monotonic_ns()
            request.pool.creating.add(id(request))

    def connected(self, _: object, record: ConnectionPoolEntry) -> None:
        """Notes that it is open, and a pool's from now on."""
        self._book.direct.pooled(id(record.driver_connection))
        request = _asking.get()
        if request is None or not request.creating_since_ns:
            return
        pool = request.pool
        self._name(pool, request.told, record.driver_connection)
        self._book.created(pool.name, time.monotonic_ns() - request.creating_since_ns)
        pool.creating.discard(id(request))
        request.creating_since_ns = 0

    def taken(self, _: object, record: ConnectionPoolEntry, proxy: PoolProxiedConnection) -> None:
        """Notes who has a connection now."""
        request = _asking.get()
        info = record.record_info
        if request is None or info is None:
            return
        pool, now_ns = request.pool, time.monotonic_ns()
        self._name(pool, request.told, record.driver_connection)
        wait_ns = now_ns - request.began_ns
        taken = Taken(record, proxy, pool, wait_ns, lambda taken: guard.call(_RETURN, self._collected, taken))
        info[TAKEN] = taken
        pool.out.add(id(record))
        self._book.checked_out(id(record), request.checkout(now_ns, taken))
        self._book.served_in(pool.name, wait_ns)

    def returned(self, _: object, record: ConnectionPoolEntry) -> None:
        """Notes that a connection has come back."""
        checkout = self._book.checked_in(id(record)) if _end(record) is not None else None
        if checkout is not None:
            self._book.returned(id(record), checkout, time.monotonic_ns())

    def detached(self, _: object, record: ConnectionPoolEntry) -> None:
        """Notes that a connection is the application's alone from now on."""
        if _end(record) is not None:
            self._book.forget(id(record))

    def _collected(self, taken: Taken) -> None:
        """Notes that nobody refers any more to a connection that is out; SQLAlchemy takes it back after this."""
        record = taken.record()
        if record is not None and record.record_info and record.record_info.get(TAKEN) is taken:
            _end(record)
            self._book.lost(id(record), time.monotonic_ns())


def _end(record: ConnectionPoolEntry) -> Taken | None:
    """Forgets that a connection is out; None where it was not."""
    taken: Taken | None = record.record_info.pop(TAKEN, None) if record.record_info else None
    if taken is not None:
        taken.pool.out.discard(id(record))
    return taken


def _stack() -> Stack:
    """Returns where the application asks; SQLAlchemy's asyncio asks from a greenlet, beyond which the search goes."""
    stack = acquiring_stack(inspect.currentframe())
    greenlet = None if stack else sys.modules.get("greenlet")
    parent = greenlet.getcurrent().parent if greenlet is not None else None
    return stack if parent is None else acquiring_stack(parent.gr_frame)
