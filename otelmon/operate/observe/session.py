"""One connection to the database on which nothing waits longer than it may, whatever the server does."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import psycopg
from psycopg import conninfo
from psycopg.rows import dict_row

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from psycopg.abc import PQGen

APPLICATION_NAME = "otelmon observe"
# Where nothing else is said: a dead peer is noticed by the kernel, too.
NETWORK = {
    "application_name": APPLICATION_NAME,
    "connect_timeout": "4",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
}
SECONDS_BETWEEN_CHECKS = 0.25
R = TypeVar("R")
Row = dict[str, object]


class ServerSilent(psycopg.OperationalError):
    """Says that the server has not answered in time; the connection is of no use any more."""


class Stopped(psycopg.OperationalError):
    """Says that the observer was told to end while it waited."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Says how long things may take, in milliseconds; the client waits a little longer than the server may take."""

    statement_ms: int = 2000
    lock_ms: int = 100
    grace_ms: int = 2000

    @property
    def text(self) -> str:
        """Returns the settings of one transaction, so that behind a pooler they never stay with somebody else."""
        return (
            "SET LOCAL transaction_read_only = on; SET LOCAL search_path = pg_catalog; "
            f"SET LOCAL statement_timeout = {self.statement_ms}; SET LOCAL lock_timeout = {self.lock_ms}; "
            "SET LOCAL idle_in_transaction_session_timeout = 10000; "
            "SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off; "
        )

    @property
    def patience(self) -> float:
        """Returns how long the client waits for an answer, in seconds."""
        return (self.statement_ms + self.grace_ms) / 1000


class LimitedConnection(psycopg.Connection[Row]):
    """Gives up waiting at a deadline or when told to stop; psycopg itself would wait for a frozen server for ever."""

    deadline: float = float("inf")
    stopped: Callable[[], bool] = staticmethod(lambda: False)

    def wait(self, gen: PQGen[R], interval: float = SECONDS_BETWEEN_CHECKS, timeout: float | None = None) -> R:
        """Waits as psycopg does, and looks at deadline and stop in between.

        Raises:
            ServerSilent: the deadline is over.
            Stopped: the observer ends.
        """
        return super().wait(self._watched(gen), min(interval, SECONDS_BETWEEN_CHECKS), timeout)

    def _watched(self, gen: PQGen[R]) -> PQGen[R]:
        try:
            state = next(gen)
            while True:
                ready = yield state
                self._check(ready)
                state = gen.send(ready)
        except StopIteration as end:
            value: R = end.value
            return value

    def _check(self, ready: int) -> None:
        if ready:
            return
        if self.stopped():
            raise Stopped("the observer ends")
        if time.monotonic() >= self.deadline:
            raise ServerSilent("timeout: the server does not answer")


class Session:
    """Reads, one query after another, each in a read-only transaction of its own with limits of its own."""

    def __init__(self, connection: LimitedConnection, limits: Limits) -> None:
        self._connection = connection
        self._limits = limits

    @classmethod
    def open(cls, parameters: Mapping[str, str], limits: Limits, stopped: Callable[[], bool]) -> Session:
        """Opens a connection.

        Raises:
            psycopg.Error: the server cannot be reached or refuses.
        """
        # No prepared statements: behind a pooler in transaction mode they belong to somebody else.
        connection = LimitedConnection.connect(
            conninfo.make_conninfo(**{**parameters, **NETWORK}),
            autocommit=True,
            prepare_threshold=None,
            row_factory=dict_row,
        )
        connection.stopped = stopped
        return cls(connection, limits)

    @property
    def usable(self) -> bool:
        """Tells whether the connection is there."""
        return not self._connection.closed

    def read(self, query: str) -> list[Row]:
        """Returns the rows of a query.

        Raises:
            psycopg.Error: the server refused; ServerSilent or Stopped where the connection was given up.
        """
        self._connection.deadline = time.monotonic() + self._limits.patience
        try:
            # In one message: one way there and back, and one transaction around all of it.
            cursor = self._connection.execute((self._limits.text + query).encode())
            while cursor.nextset():
                pass
            return cursor.fetchall()
        except (ServerSilent, Stopped):
            self.close()
            raise

    def close(self) -> None:
        """Closes the connection without waiting for the server."""
        self._connection.close()
