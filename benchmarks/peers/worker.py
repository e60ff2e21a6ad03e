"""Does blocks of work in one variant's process, and prints what each cost as a line of JSON.

argv: kind of tracing, addresses of PostgreSQL, plain server and GitHub. Each line of the input is JSON,
``{"work": name, "operations": number}``; the line that answers it begins with a mark, since a peer may print too. CPU
time covers every thread of the process, with the exporting ones and the flush at the end of the block; wall time the
operations alone.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

from benchmarks.peers.addresses import Addresses
from benchmarks.peers.tracing import tracing_of
from benchmarks.peers.works import WORKS

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.peers.tracing import Tracing

MARK = "measured "


def block(tracing: Tracing, operate: Callable[[int], None], operations: int) -> dict[str, float]:
    """Does one block and returns its figures in microseconds an operation."""
    cpu, wall = time.process_time_ns(), time.perf_counter_ns()
    operate(operations)
    wall = time.perf_counter_ns() - wall
    tracing.flush()
    cpu = time.process_time_ns() - cpu
    return {"cpu_us": cpu / operations / 1000, "wall_us": wall / operations / 1000}


def main() -> None:
    """Serves until its input ends."""
    tracing = tracing_of(sys.argv[1])
    addresses = Addresses(*sys.argv[2:5])
    ready: dict[str, Callable[[int], None]] = {}
    for line in sys.stdin:
        asked = json.loads(line)
        name = asked["work"]
        if name not in ready:
            ready[name] = WORKS[name](tracing, addresses)
        print(MARK + json.dumps(block(tracing, ready[name], asked["operations"])), flush=True)


if __name__ == "__main__":
    main()
