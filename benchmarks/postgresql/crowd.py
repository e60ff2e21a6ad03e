"""Fills a server: many tables, many different statements, many sessions."""

from __future__ import annotations

import resource
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLES_A_TRANSACTION = 250
# Each table has two indexes, a foreign key, rows and statistics, as tables of applications have.
MAKE_TABLES = """
DO $make$
BEGIN
    FOR i IN {first}..{last} LOOP
        EXECUTE format(
            'CREATE TABLE crowd_%s.t_%s (id integer PRIMARY KEY, parent integer REFERENCES parent, body text)',
            i % 20, i
        );
        EXECUTE format('CREATE INDEX ON crowd_%s.t_%s (body)', i % 20, i);
        EXECUTE format('INSERT INTO crowd_%s.t_%s SELECT g, 1, ''row '' || g FROM generate_series(1, 20) AS g',
            i % 20, i);
    END LOOP;
END
$make$;
"""


@dataclass(frozen=True)
class Size:
    """Says how many of each there shall be."""

    tables: int = 10_000
    statements: int = 5_000
    sessions: int = 500


def fill(url: str, size: Size) -> None:
    """Makes the tables, analyzes them, and runs the statements, each of another form."""
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET pg_stat_statements.track = 'none'")
        connection.execute("CREATE TABLE parent (id integer PRIMARY KEY)")
        connection.execute("INSERT INTO parent VALUES (1)")
        for number in range(20):
            connection.execute(f"CREATE SCHEMA crowd_{number}".encode())
        for first in range(1, size.tables + 1, TABLES_A_TRANSACTION):
            last = min(first + TABLES_A_TRANSACTION - 1, size.tables)
            connection.execute(MAKE_TABLES.format(first=first, last=last).encode())
        connection.execute("ANALYZE")
        connection.execute("RESET pg_stat_statements.track")
        for number in range(1, size.statements + 1):
            table = number % size.tables + 1
            columns = "id" if number <= size.tables else "body"
            query = f"SELECT {columns} FROM crowd_{table % 20}.t_{table} WHERE id = 7"  # noqa: S608 - made of numbers
            connection.execute(query.encode())


@contextmanager
def sessions(url: str, count: int) -> Iterator[None]:
    """Keeps sessions open: most idle, one in ten with a transaction open."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most[1], most[1]))
    with ExitStack() as opened:
        for number in range(count):
            connection = opened.enter_context(
                psycopg.connect(url, autocommit=True, application_name=f"worker {number % 30}")
            )
            if number % 10 == 0:
                connection.execute("BEGIN")
                connection.execute("SELECT 1")
        yield
