"""The pools of psycopg_pool on a real PostgreSQL: state, times, leaks, and requests that wait or are refused."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
import psycopg_pool
import pytest
from psycopg_pool import PoolTimeout, TooManyRequests

from otelmon.hooks.psycopg_pool import hook
from otelmon.records import PoolState
from tests.integration.hooks.pool_reports import Reported, watching

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EXHAUSTED = "otelmon.pool.exhausted"
OLDEST = "otelmon.db.pool.oldest_holder"
KINDS = [psycopg_pool.ConnectionPool, psycopg_pool.NullConnectionPool]
ASYNC_KINDS = [psycopg_pool.AsyncConnectionPool, psycopg_pool.AsyncNullConnectionPool]


@pytest.fixture
def reported() -> Iterator[Reported]:
    """Yields what a watch reports that looks twice a second, as in a service."""
    with watching(interval=0.5, hook=hook) as reported:
        yield reported


@pytest.fixture
def hasty() -> Iterator[Reported]:
    """Yields what is reported when a connection may be out for a quarter of a second."""
    with watching(leak_after_ms=250, hook=hook) as reported:
        yield reported


@contextmanager
def pool_of(kind: Any, dsn: str, size: int = 2, **options: Any) -> Iterator[Any]:
    """Yields an open pool of at most so many connections."""
    least = 0 if "Null" in kind.__name__ else size
    with kind(dsn, min_size=least, max_size=size, open=False, **options) as pool:
        pool.wait(10)
        yield pool


def first_holder(pool: Any) -> Any:
    """Takes a connection and leaves a transaction open."""
    connection = pool.getconn()
    connection.execute("SELECT 1")
    return connection


def second_holder(pool: Any) -> Any:
    """Takes a connection."""
    return pool.getconn()


def ask(pool: Any, timeout: float = 5) -> None:
    """Asks for a connection and gives it back, or gives up."""
    try:
        with pool.connection(timeout=timeout):
            pass
    except PoolTimeout:
        return


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> bool:
    """Tells whether a condition comes true in time."""
    ends = time.monotonic() + seconds
    while not condition() and time.monotonic() < ends:
        time.sleep(0.01)
    return condition()


def only(counts: dict[Any, Any]) -> Any:
    """Returns the one figure there is."""
    (figure,) = counts.values()
    return figure


@pytest.mark.parametrize("kind", KINDS)
def test_ten_waiting_requests_name_two_holders(reported: Reported, postgres_dsn: str, kind: Any) -> None:
    """Of a pool of two, ten requests that wait give one event within two seconds, with both holders and the number."""
    # What is told is what one look finds: none may come while the ten are still on their way.
    reported.looks.clear()
    with pool_of(kind, postgres_dsn) as pool:
        held = [first_holder(pool), second_holder(pool)]
        waiting = [threading.Thread(target=ask, args=(pool, 30)) for _ in range(10)]
        for each in waiting:
            each.start()
        assert wait_until(lambda: only(reported.registry.pools()).pending == 10)
        reported.looks.set()
        (event,) = reported.wait_for(EXHAUSTED, seconds=2)
        assert reported.registry.pools()[event["db.client.connection.pool.name"]].pending == 10
        for connection in held:
            pool.putconn(connection)
        for each in waiting:
            each.join()
    assert (event["otelmon.db.pool.max"], event["otelmon.db.pool.holders"]) == (2, 2)
    assert (event["otelmon.db.pool.waiting"], event["otelmon.db.pool.refused"]) == (10, 0)
    assert (event[f"{OLDEST}.function"], event[f"{OLDEST}.file"]) == ("first_holder", __file__)
    assert event[f"{OLDEST}.state"] == "in_transaction"
    assert "second_holder" in event["otelmon.db.pool.other_holders"]
    assert event["code.function.name"] == "ask"
    assert only(reported.registry.connections.timeouts()) == 0
    assert only(reported.registry.connections.checkouts()) == 12


def test_one_event_for_one_episode(reported: Reported, postgres_dsn: str) -> None:
    """While requests wait, connections that go from hand to hand begin no further episode; afterwards one may."""
    with pool_of(psycopg_pool.ConnectionPool, postgres_dsn, size=1) as pool:
        for episode in (1, 2):
            connection = pool.getconn()
            waiting = [threading.Thread(target=ask, args=(pool,)) for _ in range(3)]
            for each in waiting:
                each.start()
            assert len(reported.wait_for(EXHAUSTED, episode)) == episode
            pool.putconn(connection)
            for each in waiting:
                each.join()
            ask(pool)


def test_timeouts_are_counted(reported: Reported, postgres_dsn: str) -> None:
    """A request that waited in vain raises as ever, is counted, and is told of with the holder."""
    with pool_of(psycopg_pool.ConnectionPool, postgres_dsn, size=1) as pool:
        connection = first_holder(pool)
        with pytest.raises(PoolTimeout, match=r"^couldn't get a connection after 0.30 sec$"):
            pool.getconn(timeout=0.3)
        (event,) = reported.wait_for(EXHAUSTED)
        pool.putconn(connection)
    assert event["otelmon.db.pool.refused"] == 1
    assert event[f"{OLDEST}.function"] == "first_holder"
    assert only(reported.registry.connections.timeouts()) == 1


def test_a_full_queue_refuses_at_once(reported: Reported, postgres_dsn: str) -> None:
    """With ``max_waiting`` the request too many is refused and counted."""
    with pool_of(psycopg_pool.ConnectionPool, postgres_dsn, size=1, max_waiting=1) as pool:
        connection = pool.getconn()
        waiting = threading.Thread(target=ask, args=(pool,))
        waiting.start()
        assert wait_until(lambda: pool.get_stats()["requests_waiting"] == 1)
        with pytest.raises(TooManyRequests):
            pool.getconn()
        assert only(reported.registry.connections.timeouts()) == 1
        pool.putconn(connection)
        waiting.join()


def test_state_and_times(reported: Reported, postgres_dsn: str) -> None:
    """Idle, used and limits are what the pool says; each opening, wait and use has its time."""
    with pool_of(psycopg_pool.ConnectionPool, postgres_dsn, size=3) as pool:
        with pool.connection():
            assert only(reported.registry.pools()) == PoolState(idle=2, used=1, max=3, min=3, pending=0)
        assert only(reported.registry.pools()) == PoolState(idle=3, used=0, max=3, min=3, pending=0)
        (name,) = reported.registry.pools()
        host, port = pool._pool[0].info.host, pool._pool[0].info.port
    assert name == f"{host}:{port}/contributors#1"
    assert reported.registry.pools() == {}


def test_times_are_measured(postgres_dsn: str) -> None:
    """Three connections took time to open, one request took time to be served, one use took as long as it did."""
    with watching(interval=600, hook=hook) as reported:
        with pool_of(psycopg_pool.ConnectionPool, postgres_dsn, size=3) as pool, pool.connection():
            time.sleep(0.3)
        times = {name: each[0] for name, each in reported.times().items()}
    assert sum(times["db.client.connection.create_time"].counts) == 3
    assert sum(times["db.client.connection.wait_time"].counts) == 1
    assert 300_000_000 <= times["db.client.connection.use_time"].sum_ns < 20_000_000_000


@pytest.mark.parametrize(
    ("statement", "kind"), [(None, "idle"), ("SELECT 1", "in_transaction")], ids=["idle", "in_transaction"]
)
def test_leaks_have_kinds_and_come_back_late(
    hasty: Reported, postgres_dsn: str, statement: str | None, kind: str
) -> None:
    """A connection that is out for too long is told of with the line that took it, and again when it comes back."""
    with pool_of(psycopg_pool.ConnectionPool, postgres_dsn) as pool:
        connection = second_holder(pool)
        if statement:
            connection.execute(statement)
        (event,) = hasty.wait_for("otelmon.connection.leaked")
        pool.putconn(connection)
        (late,) = hasty.wait_for("otelmon.connection.returned_late")
    assert event["otelmon.db.client.connection.leak.kind"] == kind
    assert (event["code.function.name"], event["code.file.path"]) == ("second_holder", __file__)
    assert late["otelmon.db.client.connection.held"] >= 0.25
    assert hasty.leaked() == {kind: 1}


def test_a_connection_closed_and_kept_is_a_leak(hasty: Reported, postgres_dsn: str) -> None:
    """Closed by the application, but not returned."""
    with pool_of(psycopg_pool.ConnectionPool, postgres_dsn) as pool:
        connection = pool.getconn()
        connection.close()
        hasty.wait_for("otelmon.connection.leaked")
        assert hasty.leaked() == {"closed": 1}
        pool.putconn(connection)


@pytest.mark.filterwarnings("ignore:.*was deleted while still open:ResourceWarning")
def test_a_lost_connection_is_a_leak(hasty: Reported, postgres_dsn: str) -> None:
    """What the garbage collector took is abandoned; the pool counts it as used for ever, and so do the figures."""
    with pool_of(psycopg_pool.ConnectionPool, postgres_dsn) as pool:
        connection = pool.getconn()
        del connection
        gc.collect()
        (event,) = hasty.wait_for("otelmon.connection.leaked")
        assert event["otelmon.db.client.connection.leak.kind"] == "abandoned"
        assert only(hasty.registry.pools()).used == 1


def test_a_statement_that_runs_is_no_leak(hasty: Reported, postgres_dsn: str) -> None:
    """A report may take as long as it takes."""
    with pool_of(psycopg_pool.ConnectionPool, postgres_dsn) as pool, pool.connection() as connection:
        connection.execute("SELECT pg_sleep(0.8)")
    assert hasty.leaked() == {}


def test_the_wrong_pool_refuses_a_connection(reported: Reported, postgres_dsn: str) -> None:
    """A connection given to another pool is still out, and the application gets the pool's own error."""
    with (
        pool_of(psycopg_pool.ConnectionPool, postgres_dsn) as pool,
        pool_of(psycopg_pool.ConnectionPool, postgres_dsn) as other,
    ):
        connection = pool.getconn()
        with pytest.raises(ValueError, match="can't return connection"):
            other.putconn(connection)
        states = sorted(state.used for state in reported.registry.pools().values())
        assert states == [0, 1]
        pool.putconn(connection)
        assert {state.used for state in reported.registry.pools().values()} == {0}


def test_close_can_return_a_connection(reported: Reported, postgres_dsn: str) -> None:
    """With ``close_returns`` a close is a return."""
    with pool_of(psycopg_pool.ConnectionPool, postgres_dsn, close_returns=True) as pool:
        connection = pool.getconn()
        connection.close()
        assert only(reported.registry.pools()).used == 0


def test_refused_connections_of_a_server_that_is_away(reported: Reported) -> None:
    """Where no connection can be opened the request times out as ever and is counted."""
    with psycopg_pool.ConnectionPool("host=127.0.0.1 port=1 dbname=shop", min_size=1, open=False) as pool:
        with pytest.raises(PoolTimeout):
            pool.getconn(timeout=0.3)
        assert reported.registry.connections.timeouts() == {"127.0.0.1:1/shop#1": 1}


@pytest.mark.parametrize("kind", ASYNC_KINDS)
def test_tasks_that_wait(reported: Reported, postgres_dsn: str, kind: Any) -> None:
    """Ten tasks that wait for a pool of two give the event that ten threads give."""

    async def one_holder(pool: Any) -> Any:
        return await pool.getconn()

    async def task(pool: Any) -> None:
        async with pool.connection():
            pass

    async def run() -> list[Any]:
        least = 0 if "Null" in kind.__name__ else 2
        reported.looks.clear()
        async with kind(postgres_dsn, min_size=least, max_size=2, open=False) as pool:
            held = [await one_holder(pool), await one_holder(pool)]
            waiting = [asyncio.create_task(task(pool)) for _ in range(10)]
            await asyncio.to_thread(wait_until, lambda: only(reported.registry.pools()).pending == 10)
            reported.looks.set()
            events = await asyncio.to_thread(reported.wait_for, EXHAUSTED, 1, 2)
            for connection in held:
                await pool.putconn(connection)
            await asyncio.gather(*waiting)
            return events

    (event,) = asyncio.run(run())
    assert (event["otelmon.db.pool.waiting"], event["otelmon.db.pool.holders"]) == (10, 2)
    assert event[f"{OLDEST}.function"].endswith("one_holder")
    assert event["code.function.name"].endswith("task")
    assert only(reported.registry.connections.checkouts()) == 12


def test_a_cancelled_request_waits_no_more(reported: Reported, postgres_dsn: str) -> None:
    """A task that is cancelled while it waits is no timeout, and no longer counted among the waiting."""

    async def run() -> None:
        async with psycopg_pool.AsyncConnectionPool(postgres_dsn, min_size=1, max_size=1, open=False) as pool:
            connection = await pool.getconn()
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(pool.getconn(), 0.1)
            await pool.putconn(connection)

    asyncio.run(run())
    assert only(reported.registry.connections.timeouts()) == 0
    assert reported.wait_for(EXHAUSTED, seconds=1) == []


def test_uninstalled_pools_are_as_before(postgres_dsn: str) -> None:
    """The undoing puts the very same functions back."""
    before = {name: vars(kind).get(name) for kind in (KINDS[0], ASYNC_KINDS[0]) for name in ("getconn", "_connect")}
    with watching(hook=hook), pool_of(psycopg_pool.ConnectionPool, postgres_dsn) as pool, pool.connection() as made:
        assert isinstance(made, psycopg.Connection)
    after = {name: vars(kind).get(name) for kind in (KINDS[0], ASYNC_KINDS[0]) for name in ("getconn", "_connect")}
    assert before == after
