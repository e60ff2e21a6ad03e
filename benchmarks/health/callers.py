"""Calls an address in a process of its own: ``python -m benchmarks.health.callers flood|load PORT SECONDS THREADS``."""

from __future__ import annotations

import contextlib
import http.client
import socket
import sys
import threading
import time

LOOPBACK = "127.0.0.1"
PATIENCE = 0.5


def flood(port: int) -> None:
    """Connects, asks and waits half a second at most for an answer."""
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), PATIENCE) as caller:
        caller.sendall(b"GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n")
        while caller.recv(4096):
            pass


def timed(port: int, path: str, seconds: float = 5.0) -> float | None:
    """Returns the seconds that one request took, None where it was not answered."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=seconds)
    try:
        connection.request("GET", path)
        connection.getresponse().read()
        return time.perf_counter() - began
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def load(port: int) -> None:
    """Has the application work, one request after the other."""
    timed(port, "/work")


def main() -> None:
    """Calls from threads until the time is over."""
    kind, port, seconds, threads = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
    call, end = {"flood": flood, "load": load}[kind], time.monotonic() + seconds

    def run() -> None:
        while time.monotonic() < end:
            call(port)

    callers = [threading.Thread(target=run) for _ in range(threads)]
    for each in callers:
        each.start()
    for each in callers:
        each.join()


if __name__ == "__main__":
    main()
