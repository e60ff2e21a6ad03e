"""Measures the longest time that a busy thread does not run, while what it has made is exported on another one.

argv: rounds. In each round a batch of spans is made, which starts an export, and then the thread looks at the clock
without a break for 100 ms. Prints the longest pause of each round in milliseconds, as JSON.
"""

from __future__ import annotations

import json
import sys
import time

from opentelemetry import trace
from opentelemetry.trace import SpanKind

# As many as the batch processor waits for.
SPANS, BUSY_NS = 512, 100_000_000
WARM_UP = 5
ATTRIBUTES = {
    "db.system.name": "postgresql",
    "db.namespace": "shop",
    "db.operation.name": "SELECT",
    "db.query.summary": "SELECT repositories",
    "db.query.text": "SELECT id, owner, name, description, stars FROM repositories WHERE owner = %s AND name = %s",
    "server.address": "127.0.0.1",
    "server.port": 5432,
}


def longest_ms() -> float:
    """Returns the longest time between two looks at the clock."""
    now = time.perf_counter_ns
    before = began = now()
    longest = 0
    while before - began < BUSY_NS:
        this = now()
        longest = max(longest, this - before)
        before = this
    return longest / 1e6


def main() -> None:
    """Prints one figure a round."""
    tracer, found = trace.get_tracer("benchmark"), []
    for number in range(int(sys.argv[1]) + WARM_UP):
        for _ in range(SPANS):
            tracer.start_span("SELECT repositories", kind=SpanKind.CLIENT, attributes=ATTRIBUTES).end()
        pause = longest_ms()
        if number >= WARM_UP:
            found.append(pause)
        trace.get_tracer_provider().force_flush()
    print("measured " + json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
