"""Times what observing adds on the calling thread, in a process of its own, and prints nanoseconds a call as JSON.

argv: PostgreSQL address, number of calls, kind of tracing. The cursor's own ``execute`` returns at once, so that
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

from benchmarks.peers.tracing import tracing_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.peers.tracing import Tracing

ARGUMENTS = (1,)
ROUNDS = 10
# As many calls as one request may make: each request has its own root span.
CALLS_PER_ROOT = 50
# About as long as a fast server needs to answer.
WAIT, FEWER_WITH_WAITS = 0.0001, 5
# Each twice in a request, or one of them fifty times, which is compared as a possible N+1.
QUERIES = tuple(f"SELECT id, name FROM items_{number} WHERE id = %s" for number in range(CALLS_PER_ROOT // 2)) * 2  # noqa: S608 - constants


class Immediate(cursor):
    """Answers without asking the server."""

    def execute(self, query: object, vars: object = None) -> None:  # noqa: A002 - psycopg2's own signature
        """Does nothing."""


def per_call(
    run: Callable[[str], object], queries: tuple[str, ...], calls: int, tracing: Tracing, pause: float = 0.0
) -> float:
    """Returns the least CPU time of this thread that a call took over some rounds, in nanoseconds.

    Args:
        run: makes one call.
        queries: of one request.
        calls: of one round.
        tracing: begins requests.
        pause: seconds that the thread sleeps before each call; what it costs is in the figure.
    """
    best = float("inf")
    for _ in range(ROUNDS):
        spent = 0
        for _ in range(calls // CALLS_PER_ROOT):
            with tracing.root():
                begin = time.thread_time_ns()
                for query in queries:
                    if pause:
                        time.sleep(pause)
                    run(query)
                spent += time.thread_time_ns() - begin
        best = min(best, spent / calls)
    return best


def main() -> None:
    """Measures and prints one result."""
    url, calls, tracing = sys.argv[1], int(sys.argv[2]), tracing_of(sys.argv[3])
    connection = psycopg2.connect(url, cursor_factory=Immediate)
    statement = connection.cursor()
    pool = ThreadedConnectionPool(1, 2, url)
    same = QUERIES[:1] * CALLS_PER_ROOT

    def execute(query: str) -> None:
        statement.execute(query, ARGUMENTS)

    figures = {
        "query": per_call(execute, QUERIES, calls, tracing),
        "after_wait": per_call(execute, QUERIES, calls // FEWER_WITH_WAITS, tracing, WAIT),
        "repeated": per_call(execute, same, calls, tracing),
        "checkout": per_call(lambda _: pool.putconn(pool.getconn()), same, calls, tracing),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
