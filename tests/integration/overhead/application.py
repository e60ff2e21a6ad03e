"""An application for a test: dear for its monitoring first, then not, on a core that it shares with a busy process.

argv: the connection string. Prints how many calls it made, and what otelmon has left undone.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psycopg2
from opentelemetry import trace

from otelmon.launch.activate import active
from otelmon.rules.overhead import ORDER
from otelmon.watch import overhead

if TYPE_CHECKING:
    from collections.abc import Callable

# Short windows; and the squeeze leaves the process little to be judged by.
overhead.WINDOW_NS, overhead.LEAST_BUSY = 900_000_000, 0.01
REQUEST, SLOW, FAILED = 50, 401, 307
SECONDS = 90
BURNT_S = 0.02


def burn() -> None:
    """Works for itself."""
    until = time.thread_time() + BURNT_S
    while time.thread_time() < until:
        pass


class Work:
    """Makes calls, each 401st slow and each 307th failed, and counts them."""

    def __init__(self, connection: psycopg2.extensions.connection) -> None:
        connection.autocommit = True
        self._cursor = connection.cursor()
        self._tracer = trace.get_tracer("application")
        self.made = {"fast": 0, "slow": 0, "failed": 0}
        self._number = 0

    def one(self) -> None:
        """Makes one."""
        self._number += 1
        if self._number % SLOW == 0:
            self._cursor.execute("SELECT pg_sleep(0.2)")
            self.made["slow"] += 1
        elif self._number % FAILED == 0:
            with contextlib.suppress(psycopg2.Error):
                self._cursor.execute("SELECT 1 / 0")
            self.made["failed"] += 1
        else:
            self._cursor.execute("SELECT %s::int", (self._number,))
            self.made["fast"] += 1

    def until(self, is_over: Callable[[], bool], besides: Callable[[], None], calls: int) -> bool:
        """Makes requests of so many calls until something holds; returns whether it did within 90 s."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            with self._tracer.start_as_current_span("request", kind=trace.SpanKind.SERVER):
                for _ in range(calls):
                    self.one()
                    besides()
            if is_over():
                return True
        return False


def main() -> None:
    """Squeezes itself, works, and tells."""
    activation = active()
    assert activation is not None
    shed = activation.registry.shed
    core = min(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    hog = subprocess.Popen([sys.executable, "-S", "-c", "while True: pass"], env={})
    try:
        work = Work(psycopg2.connect(sys.argv[1]))
        told = {"sheds": work.until(lambda: shed.now == ORDER, lambda: None, REQUEST)}
        told["highest"] = shed.share
        told["recovers"] = work.until(lambda: not shed.now, burn, REQUEST // 10)
        told["lowest"] = shed.share
    finally:
        hog.kill()
        hog.wait()
    print(json.dumps({**told, **work.made, "shed": shed.counts()}))


if __name__ == "__main__":
    main()
