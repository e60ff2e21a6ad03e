"""SQLAlchemy's pools: what is counted, who holds, who waits, what leaks."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import AssertionPool, NullPool, QueuePool, SingletonThreadPool, StaticPool

from otelmon.hooks.sqlalchemy_pool import hook
from otelmon.records import PoolState
from tests.integration.hooks.pool_reports import Reported, watching

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

EXHAUSTED, LEAKED = "otelmon.pool.exhausted", "otelmon.connection.leaked"
LATE, KIND = "otelmon.connection.returned_late", "otelmon.db.client.connection.leak.kind"
OLDEST = "otelmon.db.pool.oldest_holder"
LEAK_AFTER_MS = 300


@pytest.fixture
def reported() -> Iterator[Reported]:
    """Yields what is reported, with the usual limit of a leak."""
    with watching(hook=hook) as reported:
        yield reported


@pytest.fixture
def engine(dsn: str) -> Iterator[Callable[..., Engine]]:
    """Yields a function that makes an engine over psycopg2, of two connections unless asked otherwise."""
    made: list[Engine] = []

    def make(**options: Any) -> Engine:
        size = {} if "poolclass" in options else {"pool_size": 1, "max_overflow": 1}
        made.append(create_engine(dsn.replace("postgresql:", "postgresql+psycopg2:"), **size, **options))
        return made[-1]

    yield make
    for each in made:
        each.dispose()


def address(dsn: str) -> str:
    """Returns what a pool is called by."""
    return dsn.rpartition("@")[2]


def test_counts_follow_the_queue_pool(reported, engine, dsn) -> None:
    """Idle, used and most connections, checkouts and timeouts are those of the pool, by its address."""
    engine = engine()
    with engine.connect() as one, engine.connect() as two:
        assert (one.scalar(text("SELECT 1")), two.scalar(text("SELECT 1"))) == (1, 1)
        assert reported.registry.pools() == {f"{address(dsn)}#1": PoolState(0, 2, 2, None, 0)}
    assert reported.registry.pools() == {f"{address(dsn)}#1": PoolState(1, 0, 2, None, 0)}
    with closing(engine.raw_connection()):
        assert reported.registry.connections.checkouts() == {f"{address(dsn)}#1": 3}
    assert reported.registry.connections.timeouts() == {f"{address(dsn)}#1": 0}
    assert reported.leaked() == {}


@pytest.mark.parametrize(
    ("kind", "out", "back"),
    [
        pytest.param(NullPool, PoolState(0, 1), PoolState(0, 0), id="NullPool"),
        pytest.param(StaticPool, PoolState(None, 1, 1), PoolState(None, 0, 1), id="StaticPool"),
        pytest.param(AssertionPool, PoolState(None, 1, 1), PoolState(None, 0, 1), id="AssertionPool"),
        pytest.param(SingletonThreadPool, PoolState(None, 1), PoolState(None, 0), id="SingletonThreadPool"),
    ],
)
def test_other_pools(reported, engine, kind, out, back) -> None:
    """What other pools look like while a connection is out and afterwards; nested checkouts of one thread are one."""
    engine = engine(poolclass=kind)
    for number in (1, 2):
        with engine.connect() as connection:
            connection.scalar(text("SELECT 1"))
            assert list(reported.registry.pools().values()) == [out]
        assert list(reported.registry.pools().values()) == [back]
        assert list(reported.registry.connections.checkouts().values()) == [number]


def test_times_are_measured(engine) -> None:
    """Every checkout has a wait and a use, and each connection that was opened a creation."""
    with watching(hook=hook, interval=60) as reported:
        engine = engine()
        with engine.connect(), engine.connect():
            pass
        engine.connect().close()
        times = {name.rpartition(".")[2]: each for name, (each,) in reported.times().items()}
    assert {name: sum(each.counts) for name, each in times.items()} == {"use_time": 3, "create_time": 2, "wait_time": 3}
    assert times["wait_time"].sum_ns >= times["create_time"].sum_ns > 0


def test_two_holders_are_named_while_others_wait(reported, engine, tracer_provider) -> None:
    """One event names both holders and who waits; served in the end, nobody has timed out."""
    engine, tracer = engine(), tracer_provider.get_tracer("test")
    with tracer.start_as_current_span("first") as first:
        one = engine.connect()
        one.scalar(text("SELECT 1"))
    two = engine.connect()
    waiters = [threading.Thread(target=lambda: engine.connect().close()) for _ in range(5)]
    for each in waiters:
        each.start()
    (event,) = reported.wait_for(EXHAUSTED, seconds=2)
    assert event[f"{OLDEST}.trace_id"] == f"{first.get_span_context().trace_id:032x}"
    assert event[f"{OLDEST}.function"] == "test_two_holders_are_named_while_others_wait"
    assert (event[f"{OLDEST}.state"], event["otelmon.db.pool.max"]) == ("in_transaction", 2)
    assert 1 <= event["otelmon.db.pool.waiting"] <= 5
    ends = time.monotonic() + 5
    while [each.pending for each in reported.registry.pools().values()] != [5] and time.monotonic() < ends:
        time.sleep(0.01)
    assert [each.pending for each in reported.registry.pools().values()] == [5]
    one.close()
    two.close()
    for each in waiters:
        each.join()
    assert set(reported.registry.connections.timeouts().values()) == {0}
    assert [each.pending for each in reported.registry.pools().values()] == [0]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        pytest.param({"pool_timeout": 0.3}, PoolTimeoutError, id="QueuePool"),
        pytest.param({"poolclass": AssertionPool}, AssertionError, id="AssertionPool"),
    ],
)
def test_refused_request_is_a_timeout(reported, engine, options, error) -> None:
    """It is counted, raised as ever, and the holders are told."""
    engine = engine(**options)
    held = [engine.connect() for _ in range(1 if "poolclass" in options else 2)]
    with pytest.raises(error):
        engine.connect()
    (event,) = reported.wait_for(EXHAUSTED)
    assert event[f"{OLDEST}.state"] == "idle"
    assert set(reported.registry.connections.timeouts().values()) == {1}
    for each in held:
        each.close()


def _nothing(connection: Any) -> None:
    del connection


def _begin(connection: Any) -> None:
    connection.scalar(text("SELECT 1"))


@pytest.mark.parametrize(
    ("use", "kind"),
    [pytest.param(_nothing, "idle", id="never used"), pytest.param(_begin, "in_transaction", id="transaction open")],
)
def test_kept_connection_is_a_leak_of_its_kind(engine, use, kind) -> None:
    """What the application does not close is told of with the line that took it, and taken back when it comes."""
    with watching(LEAK_AFTER_MS, hook=hook) as reported:
        connection = engine().connect()
        use(connection)
        (event,) = reported.wait_for(LEAKED)
        assert (event[KIND], event["code.function.name"]) == (kind, "test_kept_connection_is_a_leak_of_its_kind")
        connection.close()
        assert len(reported.wait_for(LATE)) == 1
    assert reported.leaked() == {kind: 1}


def test_dropped_connection_is_abandoned_at_once(reported, engine) -> None:
    """SQLAlchemy takes back what nobody refers to, and it counts as leaked all the same, once."""
    engine = engine()
    engine.raw_connection()
    gc.collect()
    (event,) = reported.wait_for(LEAKED)
    assert event[KIND] == "abandoned"
    assert [each.used for each in reported.registry.pools().values()] == [0]
    assert reported.leaked() == {"abandoned": 1}


def test_detached_and_invalidated_connections_are_no_leaks(engine) -> None:
    """A connection that the application takes out of the pool, or gives up, is out no more."""
    with watching(LEAK_AFTER_MS, hook=hook) as reported:
        engine = engine()
        with engine.connect() as detached:
            detached.detach()
            time.sleep(2 * LEAK_AFTER_MS / 1000)
        with engine.connect() as invalidated:
            invalidated.invalidate()
            time.sleep(2 * LEAK_AFTER_MS / 1000)
    assert reported.leaked() == {}


def test_pool_that_is_gone_is_reported_no_more(reported, dsn) -> None:
    """An engine that is disposed of has another pool; nothing keeps the former alive, and its name goes with it."""
    engine = create_engine(dsn.replace("postgresql:", "postgresql+psycopg2:"), poolclass=QueuePool)
    engine.connect().close()
    assert len(reported.registry.pools()) == 1
    engine.dispose()
    gc.collect()
    assert reported.registry.pools() == {}


def test_asyncio_engine(dsn) -> None:
    """Checkouts, waiters and the lines that took connections are those of tasks; a cancelled task waits no more."""

    async def run(reported: Reported) -> None:
        engine = create_async_engine(
            dsn.replace("postgresql:", "postgresql+asyncpg:"), pool_size=1, max_overflow=0, pool_timeout=0.5
        )
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
            waiter = asyncio.ensure_future(engine.connect().__aenter__())
            (event,) = await asyncio.to_thread(reported.wait_for, EXHAUSTED)
            assert event[f"{OLDEST}.function"].rpartition(".")[2] == "run"
            assert event[f"{OLDEST}.state"] == "in_transaction"
            assert reported.registry.pools() == {f"{address(dsn)}#1": PoolState(0, 1, 1, None, 1)}
            waiter.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiter
            with pytest.raises(PoolTimeoutError):
                await engine.connect().__aenter__()
        assert reported.registry.pools() == {f"{address(dsn)}#1": PoolState(1, 0, 1, None, 0)}
        assert set(reported.registry.connections.timeouts().values()) == {1}
        await engine.dispose()

    with watching(hook=hook) as reported:
        asyncio.run(run(reported))
    assert reported.leaked() == {}
