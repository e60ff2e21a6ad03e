"""One database of a test, and the connections to it."""

from __future__ import annotations

import itertools
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sql.servers import Server

OWNER = "postgres"
READER = "otelmon_reader"
RECORDER = "otelmon_recorder"
NUMBERS = itertools.count(1)


@dataclass
class Database:
    """Holds the name of a database and every connection that a test opened to it."""

    server: Server
    name: str
    connections: list[psycopg.Connection[Any]] = field(default_factory=list)

    @classmethod
    @contextmanager
    def made(cls, server: Server, template: str) -> Iterator[Database]:
        """Makes a database from a template and drops it at the end."""
        name = f"test_{next(NUMBERS)}"
        with psycopg.connect(server.url(), autocommit=True) as administration:
            administration.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
            )
            database = cls(server, name)
            try:
                yield database
            finally:
                for connection in database.connections:
                    connection.close()
                administration.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def url(self, user: str = OWNER) -> str:
        """Returns how to connect as a role."""
        return self.server.url(self.name, user)

    def connect(self, user: str = OWNER, **options: str) -> psycopg.Connection[Any]:
        """Opens a connection that commits each statement and is closed at the end of the test."""
        connection = psycopg.connect(self.url(user), autocommit=True, prepare_threshold=None, **options)  # type: ignore[arg-type]
        self.connections.append(connection)
        return connection

    def rows(self, query: str, user: str = OWNER) -> list[tuple[Any, ...]]:
        """Runs a query on a connection of its own and returns its rows."""
        with psycopg.connect(self.url(user), autocommit=True) as connection:
            cursor = connection.execute(query.encode())
            return cursor.fetchall() if cursor.description else []

    def value(self, query: str, user: str = OWNER) -> Any:
        """Runs a query and returns the first column of its first row."""
        return self.rows(query, user)[0][0]
