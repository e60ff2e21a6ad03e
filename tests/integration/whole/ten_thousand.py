"""An application for a test: ten thousand queries through twelve kinds of cursor, a hundred of them slow.

argv: the connection string. It prints the trace of each request in which a slow query was planted, as JSON.
"""

from __future__ import annotations

import itertools
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psycopg2
from opentelemetry import trace
from psycopg2 import extensions, extras

if TYPE_CHECKING:
    from collections.abc import Callable

QUERIES, SLOW, THREADS, QUERIES_PER_REQUEST = 10_000, 100, 10, 20
SLEEP_SECONDS = 0.6


class Own(extensions.cursor):
    """A cursor class of the application's."""


class Calling(extensions.cursor):
    """One that overrides ``execute`` and goes on to psycopg2's."""

    def execute(self, query: str, vars: Any = None) -> None:  # noqa: A002 - psycopg2's own signature
        """Runs a statement."""
        super().execute(query, vars)


class Named(extras.NamedTupleCursor):
    """A class of the application's derived from one of psycopg2's own."""


names = itertools.count()
KINDS: list[Callable[[Any], Any]] = [
    lambda connection: connection.cursor(),
    lambda connection: connection.cursor(f"named{next(names)}", withhold=True),
    lambda connection: connection.cursor(name=f"scrolled{next(names)}", scrollable=True, withhold=True),
    lambda connection: connection.cursor(cursor_factory=extras.DictCursor),
    lambda connection: connection.cursor(cursor_factory=extras.RealDictCursor),
    lambda connection: connection.cursor(cursor_factory=extras.NamedTupleCursor),
    lambda connection: connection.cursor(None, extras.RealDictCursor),
    lambda connection: connection.cursor(f"dict{next(names)}", extras.DictCursor, withhold=True),
    lambda connection: connection.cursor(cursor_factory=Own),
    lambda connection: connection.cursor(cursor_factory=Calling),
    lambda connection: connection.cursor(cursor_factory=Named),
    lambda connection: connection.cursor(f"own{next(names)}", cursor_factory=Own, withhold=True),
]


def request(connection: Any, numbers: range, slow: frozenset[int]) -> str | None:
    """Runs the queries of one request in two nested spans; returns its trace where one of them was slow."""
    tracer = trace.get_tracer("application")
    with tracer.start_as_current_span("request", kind=trace.SpanKind.SERVER) as span:
        for number in numbers:
            with tracer.start_as_current_span("step"), KINDS[number % len(KINDS)](connection) as cursor:
                if number in slow:
                    cursor.execute("SELECT pg_sleep(%s)", (SLEEP_SECONDS,))
                    cursor.fetchall()
                else:
                    cursor.execute("SELECT %s::int", (number,))
                    cursor.fetchone()
        planted = [number for number in numbers if number in slow]
        return f"{span.get_span_context().trace_id:032x}" if planted else None


def work(dsn: str, numbers: range, slow: frozenset[int]) -> list[str]:
    """Runs the share of one thread on a connection of its own."""
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    starts = range(numbers.start, numbers.stop, QUERIES_PER_REQUEST)
    found = [request(connection, range(start, start + QUERIES_PER_REQUEST), slow) for start in starts]
    connection.close()
    return [each for each in found if each]


def main() -> None:
    """Runs everything and prints where the slow queries were."""
    # At another place of the request each time, so that every kind of cursor has slow ones.
    slow = frozenset(number * (QUERIES // SLOW) + number % QUERIES_PER_REQUEST for number in range(SLOW))
    share = QUERIES // THREADS
    with ThreadPoolExecutor(THREADS) as threads:
        parts = threads.map(lambda at: work(sys.argv[1], range(at * share, (at + 1) * share), slow), range(THREADS))
        print(json.dumps([each for part in parts for each in part]))


if __name__ == "__main__":
    main()
