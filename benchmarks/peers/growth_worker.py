"""Measures what one operation costs at one size of one dimension, in a process of its own, and prints it as JSON.

argv: dimension and size. Operations are database calls that end at once, twenty to a request, all sampled and sent; for
pools, checkouts of SQLAlchemy's pool. CPU is that of the whole process, with the threads that export.
"""

from __future__ import annotations

import concurrent.futures
import itertools
import json
import sys
import threading
import time
from typing import TYPE_CHECKING

from opentelemetry import trace

from benchmarks.peers.works import PER_REQUEST, STATEMENT
from otelmon.calls.connection_facts import ConnectionFacts
from otelmon.launch.activate import active

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Sixty-four threads with a request each: every size of threads shares a step out evenly.
STEP = 64 * PER_REQUEST
MEASURED = 16 * STEP
FACTS = ConnectionFacts("postgresql", "shop", "127.0.0.1", 5432)
TRACER = trace.get_tracer("benchmark")


def calls(statements: Iterator[str], operations: int) -> None:
    """Makes so many calls."""
    recorder = active().recorder
    for _ in range(0, operations, PER_REQUEST):
        with TRACER.start_as_current_span("request"):
            for _ in range(PER_REQUEST):
                call = recorder.start(FACTS, next(statements))
                call.parameters = (1,)
                call.end()


def in_steps(step: Callable[[int], None], operations: int) -> None:
    """Does operations a step at a time and sends what each brought, so that no queue grows."""
    for _ in range(0, operations, STEP):
        step(min(operations, STEP))
        trace.get_tracer_provider().force_flush()


def of_operations(size: int) -> Callable[[int], None]:
    """Does so many before it is measured."""
    same = itertools.repeat(STATEMENT)
    in_steps(lambda operations: calls(same, operations), size)
    return lambda operations: calls(same, operations)


def of_statements(size: int) -> Callable[[int], None]:
    """Uses so many texts in turn, each of which it has seen before."""
    texts = itertools.cycle([f"SELECT a, b FROM t{number} WHERE c = %s" for number in range(size)])  # noqa: S608 - nobody runs them
    in_steps(lambda operations: calls(texts, operations), size)
    return lambda operations: calls(texts, operations)


def of_threads(size: int) -> Callable[[int], None]:
    """Spreads the calls over so many threads, which live on and begin each step together."""
    together = threading.Barrier(size)
    workers = concurrent.futures.ThreadPoolExecutor(size)

    def share(operations: int) -> None:
        together.wait()
        calls(itertools.repeat(STATEMENT), operations)

    def step(operations: int) -> None:
        for _ in workers.map(share, [operations // size] * size):
            pass

    return step


def of_pools(size: int) -> Callable[[int], None]:
    """Takes connections from so many pools in turn; SQLite's, so that no server limits them."""
    import sqlalchemy  # noqa: PLC0415 - only here

    engines = [sqlalchemy.create_engine("sqlite://", poolclass=sqlalchemy.QueuePool) for _ in range(size)]
    turns = itertools.cycle(engines)

    def step(operations: int) -> None:
        for _ in range(operations):
            next(turns).raw_connection().close()

    step(size)
    return step


DIMENSIONS = {"operations": of_operations, "threads": of_threads, "pools": of_pools, "statements": of_statements}


def main() -> None:
    """Prints microseconds an operation."""
    step = DIMENSIONS[sys.argv[1]](int(sys.argv[2]))
    in_steps(step, 2 * STEP)
    begin = time.process_time_ns()
    in_steps(step, MEASURED)
    done = time.process_time_ns() - begin
    print("measured " + json.dumps({"cpu_us": done / MEASURED / 1000}), flush=True)


if __name__ == "__main__":
    main()
