"""Does queries and tells how much memory the process has then.

argv: kind of tracing, addresses of PostgreSQL, plain server and GitHub, operations. Spans are sent every thousand
operations, so that no queue is part of it.
"""

from __future__ import annotations

import gc
import json
import sys
from pathlib import Path

from benchmarks.peers.addresses import Addresses
from benchmarks.peers.tracing import tracing_of
from benchmarks.peers.works import WORKS

EVERY = 1000
PAGE_BYTES = 4096


def resident_mb() -> float:
    """Returns the resident memory in millions of bytes."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE_BYTES / 1e6


def main() -> None:
    """Measures after the first thousand and after the last."""
    tracing, operations = tracing_of(sys.argv[1]), int(sys.argv[5])
    operate = WORKS["psycopg2"](tracing, Addresses(*sys.argv[2:5]))
    found = []
    for _ in range(operations // EVERY):
        operate(EVERY)
        tracing.flush()
        if not found:
            found.append(resident_mb())
    gc.collect()
    print("measured " + json.dumps({"first_mb": found[0], "last_mb": resident_mb()}), flush=True)


if __name__ == "__main__":
    main()
