"""A service in small: a pool, a cached function, a GitHub call and a connection that is never given back.

It knows nothing of otelmon; argv: the address of PostgreSQL, the address of a GitHub stand-in.
"""

from __future__ import annotations

import sys
import time
from functools import cache

import requests
from opentelemetry import trace
from psycopg2.pool import PoolError, ThreadedConnectionPool


@cache
def doubled(number: int) -> int:
    """Returns twice the number."""
    return number * 2


def main(pool: ThreadedConnectionPool, github: str) -> None:
    """Serves one page, waits until the leak is overdue, and ends."""
    with trace.get_tracer("application").start_as_current_span("page", kind=trace.SpanKind.SERVER):
        pool.getconn()
        pool.putconn(pool.getconn())
        pool.getconn()
        try:
            pool.getconn()
        except PoolError as error:
            print(error)
        for number in (1, 1, 2):
            doubled(number)
        requests.get(f"{github}/repos/octo/cat", headers={"authorization": "Bearer planted-4711"}, timeout=5)
    time.sleep(1)
    print("done")


if __name__ == "__main__":
    # Of the module, as in most services: at the end, when metrics leave for the last time, the pool still lives.
    POOL = ThreadedConnectionPool(1, 2, sys.argv[1])
    main(POOL, sys.argv[2])
