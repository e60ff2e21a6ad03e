"""Times what observing adds on the calling thread, in a process of its own, and prints nanoseconds a call as JSON.

argv: PostgreSQL address, number of calls, ``traced`` or ``bare``. The cursor's own ``execute`` returns at once, so that
neither server nor driver hides the difference; connection, cursor and pool are psycopg2's.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

import psycopg2
from psycopg2.extensions import cursor
from psycopg2.pool import ThreadedConnectionPool

from benchmarks.worker import root_span

if TYPE_CHECKING:
    from collections.abc import Callable

QUERY = "SELECT id, name FROM items WHERE id = %s"
ARGUMENTS = (1,)
ROUNDS = 10
# As many calls as one request may make: each has its own root span.
CALLS_PER_ROOT = 50


class Immediate(cursor):
    """Answers without asking the server."""

    def execute(self, query: object, vars: object = None) -> None:  # noqa: A002 - psycopg2's own signature
        """Does nothing."""


def per_call(run: Callable[[], object], calls: int, traced: bool) -> float:
    """Returns the least CPU time of this thread that a call took over some rounds, in nanoseconds."""
    best = float("inf")
    for _ in range(ROUNDS):
        spent = 0
        for _ in range(calls // CALLS_PER_ROOT):
            with root_span(traced):
                begin = time.thread_time_ns()
                for _ in range(CALLS_PER_ROOT):
                    run()
                spent += time.thread_time_ns() - begin
        best = min(best, spent / calls)
    return best


def main() -> None:
    """Measures and prints one result."""
    url, calls, traced = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "traced"
    connection = psycopg2.connect(url, cursor_factory=Immediate)
    statement = connection.cursor()
    pool = ThreadedConnectionPool(1, 2, url)
    figures = {
        "query": per_call(lambda: statement.execute(QUERY, ARGUMENTS), calls, traced),
        "checkout": per_call(lambda: pool.putconn(pool.getconn()), calls, traced),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
