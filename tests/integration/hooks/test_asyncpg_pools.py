"""Pools of asyncpg on a real PostgreSQL: what is counted, who holds, who waits, what leaks."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from otelmon.hooks.asyncpg_pool import hook
from otelmon.records import PoolState
from tests.integration.hooks.pool_reports import Reported, watching

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    Work = Callable[[asyncpg.Pool, Reported], Coroutine[Any, Any, None]]

EXHAUSTED, LEAKED = "otelmon.pool.exhausted", "otelmon.connection.leaked"
LATE, KIND = "otelmon.connection.returned_late", "otelmon.db.client.connection.leak.kind"
OLDEST = "otelmon.db.pool.oldest_holder"
LEAK_AFTER_MS = 300


def on_pool(dsn: str, work: Work, leak_after_ms: int = 60_000, **options: Any) -> Reported:
    """Runs some work with a pool of at most two, and returns what was reported."""

    async def run(reported: Reported) -> None:
        pool = await asyncpg.create_pool(dsn.partition("?")[0], **{"min_size": 0, "max_size": 2, **options})
        try:
            await work(pool, reported)
        finally:
            pool.terminate()

    with watching(leak_after_ms, hook=hook) as reported:
        asyncio.run(run(reported))
    return reported


async def wait_for(reported: Reported, name: str, count: int = 1) -> list[Any]:
    """Returns the events of a name without holding the loop up."""
    return await asyncio.to_thread(reported.wait_for, name, count)


def test_counts_follow_the_pool(postgres_dsn) -> None:
    """Idle, used, most and least connections, checkouts and times are those of the pool, by its address."""
    seen: list[PoolState] = []

    async def work(pool, reported) -> None:
        async with pool.acquire() as one:
            await one.fetchval("SELECT 1")
            two = await pool.acquire()
            seen.extend(reported.registry.pools().values())
            await pool.release(two)
            await pool.release(two)
        seen.extend(reported.registry.pools().values())
        await pool.fetchval("SELECT 1")
        (name,) = reported.registry.pools()
        assert name == f"{postgres_dsn.rpartition('@')[2].partition('?')[0]}#1"
        connections = reported.registry.connections
        assert (connections.checkouts(), connections.timeouts()) == ({name: 3}, {name: 0})

    reported = on_pool(postgres_dsn, work)
    assert seen == [PoolState(0, 2, 2, 0, 0), PoolState(2, 0, 2, 0, 0)]
    assert reported.registry.pools() == {}
    assert reported.leaked() == {}


def test_times_are_measured(postgres_dsn) -> None:
    """Every checkout has a wait and a use, and each connection opened for a request a creation."""

    async def work(pool, reported) -> None:
        for _ in range(3):
            async with pool.acquire():
                pass
        del reported

    with watching(hook=hook, interval=60) as reported:

        async def run() -> None:
            pool = await asyncpg.create_pool(postgres_dsn.partition("?")[0], min_size=1, max_size=2)
            await work(pool, reported)
            async with pool.acquire(), pool.acquire():
                pass
            await pool.close()

        asyncio.run(run())
        times = {
            name.rpartition(".")[2]: sum(sum(each.counts) for each in found) for name, found in reported.times().items()
        }
    # The pool has opened the first of its two connections in advance.
    assert times == {"use_time": 5, "create_time": 1, "wait_time": 5}


def test_two_holders_are_named_while_ten_wait(postgres_dsn, tracer_provider) -> None:
    """One event names both holders and how many wait; those who are served in the end were no timeouts."""
    tracer = tracer_provider.get_tracer("test")

    async def work(pool, reported) -> None:
        with tracer.start_as_current_span("first") as first:
            one = await pool.acquire()
            await one.execute("BEGIN")
        with tracer.start_as_current_span("second"):
            two = await pool.acquire()
        waiters = [asyncio.ensure_future(pool.acquire()) for _ in range(10)]
        (event,) = await wait_for(reported, EXHAUSTED)
        assert event[f"{OLDEST}.trace_id"] == f"{first.get_span_context().trace_id:032x}"
        assert event[f"{OLDEST}.function"].rpartition(".")[2] == "work"
        assert (event[f"{OLDEST}.state"], event["otelmon.db.pool.max"]) == ("in_transaction", 2)
        assert 1 <= event["otelmon.db.pool.waiting"] <= 10
        assert [each.pending for each in reported.registry.pools().values()] == [10]
        await one.execute("ROLLBACK")
        for each in (one, two):
            await pool.release(each)
        for each in waiters:
            await pool.release(await each)
        assert [each.pending for each in reported.registry.pools().values()] == [0]

    reported = on_pool(postgres_dsn, work)
    assert set(reported.registry.connections.timeouts().values()) == {0}
    assert len(reported.named(EXHAUSTED)) == 1


def test_time_limit_and_cancellation_of_a_request(postgres_dsn) -> None:
    """A request whose time is over counts as timeout, one that is cancelled does not; both raise as ever."""

    async def work(pool, reported) -> None:
        async with pool.acquire():
            with pytest.raises(asyncio.TimeoutError):
                await pool.acquire(timeout=0.3)
            task = asyncio.ensure_future(pool.acquire())
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert [each.pending for each in reported.registry.pools().values()] == [0]
        async with pool.acquire() as connection:
            assert await connection.fetchval("SELECT 1") == 1

    reported = on_pool(postgres_dsn, work, max_size=1)
    assert set(reported.registry.connections.timeouts().values()) == {1}


async def _nothing(connection: Any) -> None:
    del connection


async def _begin(connection: Any) -> None:
    await connection.execute("BEGIN")


async def _close(connection: Any) -> None:
    await connection.close()


@pytest.mark.parametrize(
    ("use", "kind"),
    [
        pytest.param(_nothing, "idle", id="never used"),
        pytest.param(_begin, "in_transaction", id="transaction left open"),
        pytest.param(_close, "closed", id="closed, not released"),
    ],
)
def test_kept_connection_is_a_leak_of_its_kind(postgres_dsn, use, kind) -> None:
    """What the application does not release is told of with the line that took it, and taken back when it returns."""

    async def work(pool, reported) -> None:
        connection = await pool.acquire()
        await use(connection)
        (event,) = await wait_for(reported, LEAKED)
        assert (event[KIND], event["code.function.name"].rpartition(".")[2]) == (kind, "work")
        await pool.release(connection)
        assert len(await wait_for(reported, LATE)) == 1

    assert on_pool(postgres_dsn, work, LEAK_AFTER_MS).leaked() == {kind: 1}


def test_dropped_connection_is_abandoned(postgres_dsn) -> None:
    """What nobody but the pool refers to cannot come back."""

    async def work(pool, reported) -> None:
        await pool.acquire()
        (event,) = await wait_for(reported, LEAKED)
        assert event[KIND] == "abandoned"

    assert on_pool(postgres_dsn, work, LEAK_AFTER_MS).leaked() == {"abandoned": 1}


def test_pool_that_ends_leaks_nothing(postgres_dsn) -> None:
    """Connections that are out when a pool is terminated are forgotten with it; what follows fails as ever."""

    async def work(pool, reported) -> None:
        connection = await pool.acquire()
        pool.terminate()
        with pytest.raises(asyncpg.InterfaceError, match="released back to the pool"):
            await connection.fetchval("SELECT 1")
        with pytest.raises(asyncpg.InterfaceError, match="pool is closed"):
            await pool.acquire()
        assert reported.registry.pools() == {}
        await asyncio.sleep(2 * LEAK_AFTER_MS / 1000)

    assert on_pool(postgres_dsn, work, LEAK_AFTER_MS).leaked() == {}
