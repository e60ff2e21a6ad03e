"""The application under measurement: a query of PostgreSQL, or two milliseconds of work.

Beside it a thread answers a fixed text with one accept, receive and send: no thread of a Python process under the same
load answers faster.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

from psycopg2.pool import ThreadedConnectionPool

import otelmon

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

WORK_SECONDS = 0.002
FIXED = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


def answer_barely(listener: socket.socket) -> None:
    """Answers for ever, and does nothing that an answer does not need."""
    while True:
        accepted, _ = listener.accept()
        with contextlib.suppress(OSError), accepted:
            accepted.recv(4096)
            accepted.send(FIXED)


otelmon.instrument()
_pool = ThreadedConnectionPool(8, 16, os.environ["BENCHMARK_DSN"])
_bare = socket.create_server(("127.0.0.1", int(os.environ["BENCHMARK_BARE_PORT"])))
threading.Thread(target=answer_barely, args=(_bare,), daemon=True).start()


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
