"""A pool of two with two holders, on a real PostgreSQL: who asks in vain is told, and who holds."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from psycopg2 import extensions
from psycopg2 import pool as pools

from tests.integration.hooks.pool_reports import Reported, watching

if TYPE_CHECKING:
    from collections.abc import Iterator

EXHAUSTED = "otelmon.pool.exhausted"
OLDEST = "otelmon.db.pool.oldest_holder"
KINDS = [pools.SimpleConnectionPool, pools.ThreadedConnectionPool]


@pytest.fixture
def reported() -> Iterator[Reported]:
    """Yields what a watch reports that looks once a second, as in a service."""
    with watching(interval=1) as reported:
        yield reported


def first_holder(pool):
    """Takes a connection and leaves a transaction open."""
    connection = pool.getconn()
    connection.cursor().execute("SELECT 1")
    return connection


def second_holder(pool):
    """Takes a connection."""
    return pool.getconn()


def ask_in_vain(pool, times: int) -> None:
    """Asks an exhausted pool so often."""
    for _ in range(times):
        with pytest.raises(pools.PoolError, match=r"^connection pool exhausted$"):
            pool.getconn()


@pytest.mark.parametrize("kind", KINDS)
def test_two_holders_are_named_within_two_seconds(reported, postgres_dsn, tracer_provider, kind) -> None:
    """Ten refused requests give one event, in the trace of the first; it names both holders and what they do."""
    pool = kind(0, 2, postgres_dsn)
    tracer = tracer_provider.get_tracer("test")
    with tracer.start_as_current_span("first") as first:
        one = first_holder(pool)
    with tracer.start_as_current_span("second") as second:
        two = second_holder(pool)
    with tracer.start_as_current_span("refused") as refused:
        ask_in_vain(pool, 1)
    ask_in_vain(pool, 9)
    (event,) = reported.wait_for(EXHAUSTED, seconds=2)
    assert [trace_id for _, _, trace_id in reported.events] == [refused.get_span_context().trace_id]
    assert (event["otelmon.db.pool.max"], event["otelmon.db.pool.holders"]) == (2, 2)
    assert event[f"{OLDEST}.trace_id"] == f"{first.get_span_context().trace_id:032x}"
    assert event[f"{OLDEST}.span_id"] == f"{first.get_span_context().span_id:016x}"
    assert (event[f"{OLDEST}.state"], event[f"{OLDEST}.file"]) == ("in_transaction", __file__)
    assert (event[f"{OLDEST}.function"], event[f"{OLDEST}.line"]) == (
        "first_holder",
        first_holder.__code__.co_firstlineno + 2,
    )
    state, seconds, trace_id, function, line = event["otelmon.db.pool.other_holders"].split(" ")
    assert (state, trace_id, function) == ("idle", f"{second.get_span_context().trace_id:032x}", "second_holder")
    assert line == f"{__file__}:{second_holder.__code__.co_firstlineno + 2}"
    assert 0 <= float(seconds.rstrip("s")) <= event[f"{OLDEST}.held"] < 60
    assert event["code.function.name"] == "ask_in_vain"
    assert 1 <= event["otelmon.db.pool.refused"] <= 10
    assert set(reported.registry.connections.timeouts().values()) == {10}
    assert all(isinstance(value, (str, int, float)) for value in event.values())
    for connection in (one, two):
        pool.putconn(connection)
    pool.closeall()


def test_busy_holder_is_told_as_such_without_waiting_for_it(reported, postgres_dsn) -> None:
    """A holder in the middle of a statement is seen from another thread, which does not wait for the statement."""
    pool = pools.ThreadedConnectionPool(1, 1, postgres_dsn)
    held: list[extensions.connection] = []

    def hold() -> None:
        connection = pool.getconn()
        # Without a BEGIN, which would be a statement of its own.
        connection.autocommit = True
        held.append(connection)
        held[0].cursor().execute("SELECT pg_sleep(2)")
        pool.putconn(held[0])

    holder = threading.Thread(target=hold)
    holder.start()
    ends = time.monotonic() + 20
    while not held or held[0].info.transaction_status != extensions.TRANSACTION_STATUS_ACTIVE:
        assert time.monotonic() < ends
        time.sleep(0.01)
    began = time.monotonic()
    ask_in_vain(pool, 1)
    assert time.monotonic() - began < 0.5
    holder.join()
    (event,) = reported.wait_for(EXHAUSTED)
    assert event[f"{OLDEST}.state"] == "busy"
    pool.closeall()


def test_each_episode_has_one_event(reported, postgres_dsn) -> None:
    """An episode lasts until a checkout succeeds; the next refusal after that begins another."""
    pool = pools.ThreadedConnectionPool(1, 1, postgres_dsn)
    connection = pool.getconn()
    ask_in_vain(pool, 3)
    assert len(reported.wait_for(EXHAUSTED)) == 1
    ask_in_vain(pool, 3)
    pool.putconn(connection)
    connection = pool.getconn()
    ask_in_vain(pool, 2)
    events = reported.wait_for(EXHAUSTED, 2)
    assert [event["otelmon.db.pool.refused"] for event in events] == [3, 2]
    pool.putconn(connection)
    pool.closeall()


def test_ten_holders_at_most_are_named(reported, postgres_dsn) -> None:
    """Of a larger pool the ten oldest holders are told, and how many there are."""
    pool = pools.ThreadedConnectionPool(0, 12, postgres_dsn)
    held = [pool.getconn() for _ in range(12)]
    ask_in_vain(pool, 1)
    (event,) = reported.wait_for(EXHAUSTED)
    assert event["otelmon.db.pool.holders"] == 12
    assert event["otelmon.db.pool.other_holders"].count(";") == 8
    del held
    pool.closeall()


def test_closed_pool_is_not_exhausted(reported, postgres_dsn) -> None:
    """A request to a closed pool fails as ever and is no exhaustion."""
    pool = pools.SimpleConnectionPool(0, 1, postgres_dsn)
    pool.closeall()
    with pytest.raises(pools.PoolError, match="closed"):
        pool.getconn()
    assert reported.registry.connections.exhausted() == ()
