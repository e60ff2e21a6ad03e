"""Hands out pooled PostgreSQL connections, one transaction each."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from psycopg2.extensions import cursor as PlainCursor  # noqa: N812 - psycopg2 writes its class in lower case
from psycopg2.extras import RealDictCursor
from psycopg2.pool import ThreadedConnectionPool

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from psycopg2.extensions import connection as Connection  # noqa: N812 - psycopg2 writes its class in lower case
    from psycopg2.sql import Composable

Row = dict[str, object]


class Database:
    """Owns the pool of the process."""

    def __init__(self, url: str, smallest: int, largest: int) -> None:
        self.pool = ThreadedConnectionPool(smallest, largest, url, cursor_factory=RealDictCursor)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Checks a connection out, commits at the end, rolls back after an error, and always returns it."""
        connection = self.pool.getconn()
        try:
            with connection:
                yield connection
        finally:
            self.pool.putconn(connection)

    def close(self) -> None:
        """Closes every connection of the pool."""
        self.pool.closeall()


def rows(connection: Connection, statement: str | Composable, parameters: Sequence[object] = ()) -> list[Row]:
    """Runs one statement and returns its rows as dictionaries by column name."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return [dict(row) for row in cursor.fetchall()]


def numbers(connection: Connection, statement: str) -> list[int]:
    """Runs one statement and returns its only row, all of it numbers; with a cursor class of its own."""
    with connection.cursor(cursor_factory=PlainCursor) as cursor:
        cursor.execute(statement)
        return list(cursor.fetchone() or ())
