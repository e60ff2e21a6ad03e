"""Stands for a pooled connection of psycopg2 without keeping it alive, and tells what it is doing.

Any thread may ask: psycopg2's connections are thread-safe, and the questions asked here wait for nothing. Source:
https://www.psycopg.org/docs/usage.html#thread-and-process-safety
"""

from __future__ import annotations

import sys
import weakref
from typing import TYPE_CHECKING, Any

from psycopg2 import extensions

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.records import ConnectionUse

# In the instance dictionaries of observed connections, put there by every call.
LAST_CALL = "_otelmon_last_call"
_USES: dict[int, ConnectionUse] = {
    extensions.TRANSACTION_STATUS_IDLE: "idle",
    extensions.TRANSACTION_STATUS_ACTIVE: "busy",
    extensions.TRANSACTION_STATUS_INTRANS: "in_transaction",
    extensions.TRANSACTION_STATUS_INERROR: "in_transaction",
    extensions.TRANSACTION_STATUS_UNKNOWN: "closed",
}
# The pool's table, the variable here, and the argument of the function that counts.
_REFERENCES_OF_THE_POOL = 3


class WatchedConnection:
    """Holds one connection weakly, the name of its pool, and whether the application chose the key it has there.

    Args:
        connection: of any class.
        pool_name: the pool that it came from.
        gone: called with nothing when the connection has been collected.
    """

    __slots__ = ("_reference", "keyed", "pool_name")

    def __init__(self, connection: Any, pool_name: str, gone: Callable[[], object]) -> None:  # noqa: ANN401 - any connection class
        self._reference: weakref.ref[Any] = weakref.ref(connection, lambda _: gone())
        self.pool_name = pool_name
        self.keyed = False

    def use(self) -> ConnectionUse | None:
        """Returns what the connection is doing now; None when it has been collected.

        ``abandoned`` needs certainty: nobody but the pool refers to it, and no key of the application's leads to it.
        """
        connection = self._reference()
        if connection is None:
            return None
        if not self.keyed and sys.getrefcount(connection) <= _REFERENCES_OF_THE_POOL:
            return "abandoned"
        # First, for a connection that is being closed has no status to ask for.
        if connection.closed:
            return "closed"
        return _USES.get(connection.info.transaction_status)

    def last_call(self) -> int | None:
        """Returns when the last observed call on the connection began, by a clock of its own."""
        connection = self._reference()
        return None if connection is None else connection.__dict__.get(LAST_CALL)
