"""A running call of a task is told of without the line of another task, which the thread happens to be in."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import asyncpg

from otelmon.hooks.calling_line import line_of_thread

if TYPE_CHECKING:
    from otelmon.calls.in_flight import RunningCall
    from tests.integration.psycopg2.conftest import Observation


async def running(observation: Observation, dsn: str) -> list[RunningCall]:
    """Looks at what runs, from another task than the one that waits for the database."""
    connection = await asyncpg.connect(dsn)
    waiting = asyncio.ensure_future(connection.fetchval("SELECT pg_sleep(5)"))
    in_flight = observation.registry.calls.in_flight
    for _ in range(500):
        if in_flight.calls():
            break
        await asyncio.sleep(0.01)
    # A threshold of none at all: the call has reached it.
    told = list(in_flight.slow(time.perf_counter_ns(), 0, line_of_thread))
    connection.terminate()
    await asyncio.gather(waiting, return_exceptions=True)
    return told


def test_no_line_of_another_task(observation: Observation, dsn: str) -> None:
    """Where a task waits the thread goes on with others: the line is unknown, the statement is told."""
    (told,) = asyncio.run(running(observation, dsn))
    assert told.attributes["db.query.summary"] == "SELECT"
    assert [name for name in told.attributes if name.startswith("code.")] == []
