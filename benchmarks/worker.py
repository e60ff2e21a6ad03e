"""Runs one variant's work in a process of its own and prints what it cost as JSON.

argv: PostgreSQL address, number of operations, ``traced`` or ``bare``. CPU time covers every thread of the process, the
exporting ones and the final flush included; wall time covers the operations alone.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time

import psycopg2

from demo.service.queries import REPOSITORY

WARM_UP = 200
OPERATIONS_PER_ROOT = 20
ARGUMENTS = ("owner-01", "project-1")


def root_span(traced: bool):  # noqa: ANN201 - a context manager of either kind
    """Returns a span that plays the part of a request, or nothing for the bare variant."""
    if not traced:
        return contextlib.nullcontext()
    from opentelemetry import trace  # noqa: PLC0415 - the bare variant must not load it

    return trace.get_tracer("benchmark").start_as_current_span("request")


def operate(connection: object, operations: int, traced: bool) -> None:
    """Runs the reference service's query by primary key, fetching its row each time."""
    for _ in range(operations // OPERATIONS_PER_ROOT):
        with root_span(traced):
            for _ in range(OPERATIONS_PER_ROOT):
                with connection.cursor() as cursor:  # type: ignore[attr-defined]  # psycopg2's connection
                    cursor.execute(REPOSITORY, ARGUMENTS)
                    cursor.fetchone()


def flush(traced: bool) -> None:
    """Sends what is queued, so that its cost is counted."""
    if traced:
        from opentelemetry import metrics, trace  # noqa: PLC0415 - the bare variant must not load it

        for provider in (trace.get_tracer_provider(), metrics.get_meter_provider()):
            provider.force_flush()


def main() -> None:
    """Measures and prints one result."""
    url, operations, traced = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "traced"
    connection = psycopg2.connect(url)
    connection.autocommit = True
    operate(connection, WARM_UP, traced)
    flush(traced)
    cpu, wall = time.process_time_ns(), time.perf_counter_ns()
    operate(connection, operations, traced)
    wall = time.perf_counter_ns() - wall
    flush(traced)
    cpu = time.process_time_ns() - cpu
    connection.close()
    print(json.dumps({"cpu_us": cpu / operations / 1000, "wall_us": wall / operations / 1000}))


if __name__ == "__main__":
    main()
