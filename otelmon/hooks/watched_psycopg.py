"""Stands for a connection of psycopg without keeping it alive, and tells what it is doing.

Any thread may ask: libpq answers from its own memory, and no lock is taken. Source:
https://www.postgresql.org/docs/current/libpq-status.html#LIBPQ-PQTRANSACTIONSTATUS
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from psycopg.pq import TransactionStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.records import ConnectionUse

# In the instance dictionaries of observed connections, put there by every call.
LAST_CALL = "_otelmon_last_call"
_USES: dict[int, ConnectionUse] = {
    TransactionStatus.IDLE: "idle",
    TransactionStatus.ACTIVE: "busy",
    TransactionStatus.INTRANS: "in_transaction",
    TransactionStatus.INERROR: "in_transaction",
    TransactionStatus.UNKNOWN: "closed",
}


class WatchedPsycopg:
    """Holds one connection weakly, and the name of its pool.

    Args:
        connection: synchronous or asynchronous, of any class.
        pool_name: the pool that it came from.
        gone: called with nothing when the connection has been collected.
    """

    __slots__ = ("_reference", "pool_name")

    def __init__(self, connection: Any, pool_name: str, gone: Callable[[], object]) -> None:  # noqa: ANN401 - any connection class
        self._reference: weakref.ref[Any] = weakref.ref(connection, lambda _: gone())
        self.pool_name = pool_name

    def use(self) -> ConnectionUse | None:
        """Returns what the connection is doing now; None when it has been collected."""
        connection = self._reference()
        if connection is None:
            return None
        return "closed" if connection.closed else _USES.get(connection.pgconn.transaction_status)

    def last_call(self) -> int | None:
        """Returns when the last observed call on the connection began, by a clock of its own."""
        connection = self._reference()
        return None if connection is None else connection.__dict__.get(LAST_CALL)
