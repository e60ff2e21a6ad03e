"""Holds what is known of one pool, one request for a connection, and one connection that is out."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from otelmon import guard
from otelmon.hooks.connection_use import use_of
from otelmon.hooks.sqlalchemy_pool.states import can_wait, most_connections, state_of
from otelmon.records import Checkout, PoolState

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from sqlalchemy.pool import ConnectionPoolEntry, Pool

    from otelmon.hooks.sqlalchemy_pool.watch import PoolWatch
    from otelmon.records import ConnectionUse, SpanIdentity, Stack

_ANSWERED = guard.site("hooks.sqlalchemy_pool.answered")
# A key in the dictionary that SQLAlchemy keeps for its users with each connection of a pool.
TAKEN = "otelmon.taken"


class WatchedPool:
    """Holds a pool weakly; adding to its sets and discarding from them are atomic."""

    __slots__ = ("asking", "can_wait", "creating", "most", "name", "out", "reference")

    def __init__(self, pool: Pool, gone: Callable[[object], object]) -> None:
        self.reference = weakref.ref(pool, gone)
        self.name = ""
        self.most = most_connections(pool)
        self.can_wait = can_wait(pool)
        self.asking: set[int] = set()
        self.creating: set[int] = set()
        self.out: set[int] = set()

    def is_full(self) -> bool:
        """Tells whether the next request will have to wait."""
        return self.can_wait and self.most is not None and len(self.out) + len(self.creating) >= self.most

    def state(self) -> PoolState:
        """Returns what the pool looks like now."""
        pool = self.reference()
        if pool is None:
            return PoolState()
        waiting = len(self.asking) - len(self.creating)
        return state_of(pool, len(self.out), max(0, waiting) if self.is_full() else 0)


class Request:
    """A block in which a pool is asked for a connection."""

    __slots__ = ("began_ns", "creating_since_ns", "is_waiting", "outer", "pool", "span", "stack", "told", "watch")

    def __init__(self, watch: PoolWatch, pool: WatchedPool, began_ns: int, span: SpanIdentity, stack: Stack) -> None:
        self.watch = watch
        self.pool = pool
        self.began_ns = began_ns
        self.span = span
        self.stack = stack
        self.creating_since_ns = 0
        self.is_waiting = False
        self.told: dict[str, object] = {}
        # The request that this one is made within, by a listener for instance.
        self.outer: Request | None = None

    def checkout(self, since_ns: int, taken: Taken | None = None) -> Checkout:
        """Returns the request as the book of pools knows it."""
        return Checkout(self.pool.name, since_ns, self.span, self.stack, taken)

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        guard.call(_ANSWERED, self.watch.answered, self, error)


class Taken:
    """Stands for a connection that is out, without keeping it alive.

    ``wait_ns`` is how long its request took; whoever makes the first call on the connection takes it away.
    """

    __slots__ = ("__weakref__", "_proxy", "_record", "pool", "wait_ns")

    def __init__(
        self,
        record: ConnectionPoolEntry,
        proxy: object,
        pool: WatchedPool,
        wait_ns: int,
        gone: Callable[[Taken], object],
    ) -> None:
        this = weakref.ref(self)

        def collected(_: object) -> None:
            taken = this()
            if taken is not None:
                gone(taken)

        self._proxy = weakref.ref(proxy, collected)
        self._record = weakref.ref(record)
        self.pool = pool
        self.wait_ns = wait_ns

    def record(self) -> ConnectionPoolEntry | None:
        """Returns the pool's own note of the connection."""
        return self._record()

    def use(self) -> ConnectionUse | None:
        """Returns what the connection is doing now; None where that cannot be known."""
        record = self._record()
        if record is None or self._proxy() is None:
            return None
        connection = record.driver_connection
        return "closed" if connection is None else use_of(connection)
