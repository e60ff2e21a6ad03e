"""Does blocks of one work and prints what each cost, and what otelmon's own measurement says that it added, as JSON.

argv: ``bare`` or ``otelmon``, addresses of PostgreSQL, plain server and GitHub, work, blocks, operations of a block.
"""

from __future__ import annotations

import json
import sys
import time

from benchmarks.peers.addresses import Addresses
from benchmarks.peers.tracing import tracing_of
from benchmarks.peers.works import WORKS


class Unmeasured:
    """Stands for otelmon where it is not there."""

    def spent_ns(self) -> int:
        """Returns nothing."""
        return 0


def main() -> None:
    """Prints microseconds an operation, block by block."""
    kind, work, blocks, operations = sys.argv[1], sys.argv[5], int(sys.argv[6]), int(sys.argv[7])
    tracing = tracing_of("none" if kind == "bare" else "otelmon")
    measures = [Unmeasured()]
    if kind != "bare":
        from otelmon.launch.activate import active  # noqa: PLC0415 - the bare environment does not have it
        from otelmon.watch.own_threads import OwnThreads  # noqa: PLC0415 - as above

        measures = [active().overhead.watch.meter, OwnThreads()]
    operate = WORKS[work](tracing, Addresses(*sys.argv[2:5]))
    operate(operations // 4)
    tracing.flush()
    found = []
    for _ in range(blocks):
        [each.spent_ns() for each in measures]
        cpu = time.process_time_ns()
        operate(operations)
        tracing.flush()
        cpu = time.process_time_ns() - cpu
        own = sum(each.spent_ns() for each in measures)
        found.append({"cpu_us": cpu / operations / 1000, "own_us": own / operations / 1000})
    print(json.dumps(found))


if __name__ == "__main__":
    main()
