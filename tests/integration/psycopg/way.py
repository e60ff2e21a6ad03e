"""One way to run SQL with psycopg, and what runs it."""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

SELECT = "SELECT id, name FROM items ORDER BY id"
ONE = "SELECT name FROM items WHERE id = %s"
INSERT = "INSERT INTO items VALUES (%s, %s, 0)"
Q = "SELECT items"


@dataclass(frozen=True)
class Way:
    """Describes one way; ``spans`` are the names of what it gives besides CONNECT, in order of their ends."""

    name: str
    run: Callable[[str], Any]
    spans: tuple[str, ...]


def on_connection(work: Callable[[Any], Any], kind: Any = psycopg.Connection, **options: Any) -> Callable[[str], Any]:
    """Returns a way that works with one connection, whose transaction is given up."""

    def run(dsn: str) -> Any:
        with closing(kind.connect(dsn, **options)) as connection:
            return work(connection)

    return run


def on_cursor(work: Callable[[Any], Any], **options: Any) -> Callable[[str], Any]:
    """Returns a way that works with one cursor."""
    return on_connection(lambda connection: work(connection.cursor()), **options)


def in_task(work: Callable[[Any], Coroutine[Any, Any, Any]], **options: Any) -> Callable[[str], Any]:
    """Returns a way that works with one asynchronous connection."""

    async def run(dsn: str) -> Any:
        connection = await psycopg.AsyncConnection.connect(dsn, **options)
        try:
            return await work(connection)
        finally:
            await connection.close()

    return lambda dsn: asyncio.run(run(dsn))
