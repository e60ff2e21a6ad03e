"""Pools that come and go and statements that never come again leave the process as small as it was."""

from __future__ import annotations

import gc
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from psycopg2 import pool as pools

from otelmon.calls.connection_facts import ConnectionFacts
from otelmon.hooks.psycopg2_pool import hook
from tests.integration.observing import observing

if TYPE_CHECKING:
    from collections.abc import Callable

POOLS, STATEMENTS = 10_000, 1_000_000
# What may be left behind; source of the figure: ten megabytes for either.
MOST_BYTES = 10_000_000
WARM_UP = 3_000


def grown(step: Callable[[int], object], times: int) -> int:
    """Returns the bytes that repeating a step has left behind, tables that fill up once included."""
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for number in range(times):
        step(number)
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return after - before


@pytest.mark.timeout(280)
def test_pools_made_and_dropped() -> None:
    """Ten thousand pools, none of them closed, leave nothing; those that live are still reported."""
    with observing([hook]) as observation:
        left = grown(lambda _: pools.ThreadedConnectionPool(0, 2, "host=127.0.0.1 dbname=none"), POOLS)
        assert left < MOST_BYTES
        assert observation.registry.pools() == {}
        kept = pools.ThreadedConnectionPool(0, 2, "host=127.0.0.1 dbname=none")
        assert len(observation.registry.pools()) == 1
        del kept


# A statement takes some ten microseconds to read: a part of the million is run with every change; growth shows in any.
# A mark of the function would win over one of a parameter, so each parameter has its own.
@pytest.mark.parametrize(
    "number",
    [
        pytest.param(STATEMENTS // 20, marks=pytest.mark.timeout(280)),
        pytest.param(STATEMENTS, marks=[pytest.mark.fault, pytest.mark.timeout(3_600)]),
    ],
)
def test_statements_that_never_come_again(number: int) -> None:
    """Attribute sets stay within their limit and memory within ten megabytes, and every call is counted."""
    facts = ConnectionFacts("postgresql", "shop", "127.0.0.1", 5432)
    with observing([]) as observation:
        recorder = observation.registry.calls

        def call(at: int) -> None:
            with recorder.start(facts, f"SELECT a{at} FROM t{at} WHERE b = %s"):
                pass

        with observation.tracers.get_tracer("t").start_as_current_span("request"):
            for at in range(WARM_UP):
                call(-at)
            observation.exporter.clear()
            observation.exporter.shutdown()
            left = grown(call, number)
        assert left < MOST_BYTES
        points = observation.points("db.client.operation.duration")
        assert len(points) <= observation.registry.settings.label_limit + 1
        assert sum(point.count for point in points) == number + WARM_UP
