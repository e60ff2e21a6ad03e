"""An application under load, told by its standard input what to do; it answers with one line of JSON each time.

``load SECONDS RATE``: that many requests a second, three spans each. ``end CODE``: ends.
argv: the address of PostgreSQL, or nothing for requests without a database.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from array import array
from typing import Any

from opentelemetry import trace

PAGE = os.sysconf("SC_PAGE_SIZE")
# Opened once, so that it can be read when no descriptor is left.
STATM = os.open("/proc/self/statm", os.O_RDONLY)


def rss_bytes() -> int:
    """Returns what the process holds in memory."""
    return int(os.pread(STATM, 100, 0).split()[1]) * PAGE


def request(tracer: trace.Tracer, connection: Any, number: int) -> bool:
    """Serves one request in three spans and tells whether its result is right."""
    with tracer.start_as_current_span("request", kind=trace.SpanKind.SERVER) as span:
        span.set_attribute("test.number", number)
        if connection is None:
            for _ in range(2):
                with tracer.start_as_current_span("step"):
                    number += 1
            return True
        with connection.cursor() as cursor:
            for _ in range(2):
                cursor.execute("SELECT %s::int", (number,))
                if cursor.fetchall() != [(number,)]:
                    return False
    return True


class Times:
    """Counts times by whole microseconds: as exact as the clock is, and of one size however many there are."""

    LONGEST_US = 1_000_000

    def __init__(self) -> None:
        self._counts = array("I", [0]) * (self.LONGEST_US + 1)
        self.number = 0
        self.longest_us = 0.0

    def add(self, took_us: float) -> None:
        """Takes one; what is longer than a second counts as one second, but for the longest."""
        self._counts[min(int(took_us), self.LONGEST_US)] += 1
        self.number += 1
        self.longest_us = max(self.longest_us, took_us)

    def share(self, part: float) -> float:
        """Returns the microseconds that this part of them did not take longer than."""
        left = self.number * part
        for took_us, count in enumerate(self._counts):
            left -= count
            if left < 0:
                return float(took_us)
        return self.longest_us


def load(connection: Any, seconds: float, rate: float) -> dict[str, float]:
    """Serves requests at an even pace, and tells how long they took and how many went wrong."""
    tracer = trace.get_tracer("load")
    times, failed = Times(), 0
    began = time.perf_counter()
    cpu = time.process_time()
    while (due := began + times.number / rate) < began + seconds:
        time.sleep(max(0.0, due - time.perf_counter()))
        start = time.perf_counter()
        try:
            failed += not request(tracer, connection, times.number)
        except Exception:  # noqa: BLE001 - whatever it is, a request has failed
            failed += 1
        times.add((time.perf_counter() - start) * 1e6)
    return {
        "requests": times.number,
        "failed": failed,
        "p50_us": times.share(0.5),
        "p99_us": times.share(0.99),
        "longest_us": times.longest_us,
        "cpu_seconds": time.process_time() - cpu,
        "rss_bytes": rss_bytes(),
    }


def main() -> None:
    """Does what it is told until it is told to end."""
    connection = None
    if len(sys.argv) > 1:
        import psycopg2

        connection = psycopg2.connect(sys.argv[1])
        connection.autocommit = True
    print(json.dumps({"pid": os.getpid(), "rss_bytes": rss_bytes()}), flush=True)
    for line in sys.stdin:
        what, *values = line.split()
        if what == "end":
            sys.exit(int(values[0]))
        print(json.dumps(load(connection, *map(float, values))), flush=True)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
