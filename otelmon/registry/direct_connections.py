"""Follows connections that an application opens without a pool, from their opening until they are closed.

Such a connection may rest for as long as it likes: a persistent one is no leak. It is one when a transaction is left
open and nothing happens in it, or when the connection is collected by the garbage collector without having been closed.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from otelmon.records import LateReturn, Leak, PoolState
from otelmon.registry.checkouts import MOST_CHECKOUTS, MOST_NOTES
from otelmon.registry.named_readers import OVERFLOW_NAME
from otelmon.rules.connection_leak import is_overdue

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from otelmon.records import Checkout, ConnectionUse

    class DirectConnection(Protocol):
        """Stands for a connection without keeping it alive."""

        def use(self) -> ConnectionUse | None:
            """Returns what the connection is doing now, without waiting."""
            ...

        def last_call(self) -> int | None:
            """Returns something that is another one after each call on the connection."""
            ...

    class Books(Protocol):
        """Counts what happens to connections, by the name of their pool."""

        def count_direct(self, name: str) -> None:
            """Lets the counts of a name begin at zero."""
            ...

        def opened_directly(self, name: str) -> None:
            """Counts a connection."""
            ...

        def leaked_directly(self, leak: Leak) -> None:
            """Counts a leak."""
            ...


Address = tuple[str | None, int | None, str | None]
# A pool opens connections in the same way and says at once that they are its own; only later they are counted.
_NS_TO_BE_CLAIMED = 1_000_000_000
_MOST_ADDRESSES = 1000


class _Open:
    """Holds one open connection, and what the watch has seen of it."""

    __slots__ = ("address", "checkout", "connection", "is_counted", "last_call", "leak", "needed_ns")

    def __init__(self, connection: DirectConnection, address: Address, checkout: Checkout) -> None:
        self.connection = connection
        self.address = address
        self.checkout = checkout
        self.is_counted = False
        self.last_call: int | None = None
        self.needed_ns = checkout.since_ns
        self.leak: Leak | None = None


class DirectConnections:
    """Holds what is open now; every step of a hook is one atomic operation on a dict, none takes a lock.

    Args:
        leak_after_ms: the time from which an open transaction in which nothing happens counts as leaked.
        books: counts connections and leaks.
        limit: most connections that are followed.
    """

    def __init__(self, leak_after_ms: int, books: Books, limit: int = MOST_CHECKOUTS) -> None:
        self._leak_after_ms = leak_after_ms
        self._books = books
        self._limit = limit
        self._names: dict[Address, str] = {}
        # Puts a reader of a pool's state under a name; the registry brings its own.
        self.report: Callable[[str, Callable[[], PoolState]], str] = lambda name, _: name
        self.clear()

    def clear(self) -> None:
        """Forgets every connection, in a forked child: they are the parent's."""
        self._open: dict[int, _Open] = {}
        self._lost: deque[Leak] = deque(maxlen=MOST_NOTES)
        self._late: deque[LateReturn] = deque(maxlen=MOST_NOTES)

    def opened(self, key: int, connection: DirectConnection, address: Address, checkout: Checkout) -> None:
        """Notes a connection that was opened.

        Args:
            key: its identity while it lives.
            connection: tells what it is doing.
            address: host, port and database.
            checkout: when and by whom; its pool is named later.
        """
        if len(self._open) < self._limit:
            self._open[key] = _Open(connection, address, checkout)

    def pooled(self, key: int) -> None:
        """Notes that a connection is a pool's, which follows it itself."""
        self._open.pop(key, None)

    def closed(self, key: int, now_ns: int) -> None:
        """Notes that a connection was closed, or is broken; ``now_ns`` is the monotonic clock."""
        each = self._open.pop(key, None)
        if each is not None:
            self._count(each)
            self._take_back(each, now_ns)

    def lost(self, key: int, now_ns: int) -> None:
        """Notes that a connection was collected without having been closed."""
        each = self._open.pop(key, None)
        if each is not None:
            self._count(each)
            self._note(Leak(each.checkout, "abandoned", now_ns - each.checkout.since_ns))

    def look(self, now_ns: int) -> tuple[Leak, ...]:
        """Returns what is leaked since the last call, each once; for the watch thread."""
        for key, each in self._open.copy().items():
            if now_ns - each.checkout.since_ns >= _NS_TO_BE_CLAIMED:
                self._count(each)
            self._follow(key, each, now_ns)
        return tuple(self._lost.popleft() for _ in range(len(self._lost)))

    def _follow(self, key: int, each: _Open, now_ns: int) -> None:
        use, last_call = each.connection.use(), each.connection.last_call()
        if use == "closed":
            self.closed(key, now_ns)
        elif use != "in_transaction" or last_call != each.last_call:
            self._take_back(each, now_ns)
            each.last_call, each.needed_ns = last_call, now_ns
        elif each.leak is None and is_overdue(each.needed_ns, now_ns, self._leak_after_ms):
            self._count(each)
            each.leak = Leak(each.checkout, "in_transaction", now_ns - each.needed_ns)
            self._note(each.leak)

    def _note(self, leak: Leak) -> None:
        self._books.leaked_directly(leak)
        self._lost.append(leak)

    def _take_back(self, each: _Open, now_ns: int) -> None:
        leak, each.leak = each.leak, None
        if leak is not None:
            self._late.append(LateReturn(leak, now_ns - each.needed_ns))

    def drain_late(self) -> tuple[LateReturn, ...]:
        """Returns the transactions that went on after they had been reported, since the last call."""
        return tuple(self._late.popleft() for _ in range(len(self._late)))

    def _count(self, each: _Open) -> None:
        if not each.is_counted:
            each.is_counted = True
            each.checkout = each.checkout._replace(pool_name=self._name(each.address))
            self._books.opened_directly(each.checkout.pool_name)

    def _name(self, address: Address) -> str:
        known = self._names.get(address)
        if known is None and len(self._names) >= _MOST_ADDRESSES:
            return OVERFLOW_NAME
        if known is None:
            host, port, database = address
            wanted = f"{host or 'default'}:{port or 'default'}/{database or 'default'}#direct"
            known = self._names[address] = self.report(wanted, lambda: self._state(address))
            self._books.count_direct(known)
        return known

    def _state(self, address: Address) -> PoolState:
        """Returns how many connections to an address rest, and how many are at work or in a transaction."""
        uses = [each.connection.use() for each in self._open.copy().values() if each.address == address]
        return PoolState(idle=uses.count("idle"), used=uses.count("busy") + uses.count("in_transaction"))
