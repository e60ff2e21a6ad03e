"""The application under measurement: a query of PostgreSQL, or two milliseconds of work."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from psycopg2.pool import ThreadedConnectionPool

import otelmon

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

WORK_SECONDS = 0.002
otelmon.instrument()
_pool = ThreadedConnectionPool(8, 16, os.environ["BENCHMARK_DSN"])


def application(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """Serves /query and /work."""
    if environ["PATH_INFO"] == "/query":
        query()
    else:
        end = time.thread_time() + WORK_SECONDS
        while time.thread_time() < end:
            pass
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]


def query() -> None:
    """Asks the database for one row."""
    connection = _pool.getconn()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchall()
    finally:
        _pool.putconn(connection)
