"""Every way to lose a pooled connection, planted on a real PostgreSQL, and every way to hold one rightly."""

from __future__ import annotations

import gc
import threading
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import psycopg2
import pytest
from psycopg2 import pool as pools

from otelmon.hooks.watched_connection import WatchedConnection
from tests.integration.hooks.pool_reports import watching

if TYPE_CHECKING:
    from collections.abc import Iterator

LEAK_AFTER_MS = 300
LEAKED, LATE, BUSY = "otelmon.connection.leaked", "otelmon.connection.returned_late", "otelmon.connection.busy"
KIND, HELD = "otelmon.db.client.connection.leak.kind", "otelmon.db.client.connection.held"


@pytest.fixture
def pool(postgres_dsn: str) -> Iterator[pools.ThreadedConnectionPool]:
    """Yields a pool of three."""
    pool = pools.ThreadedConnectionPool(0, 3, postgres_dsn)
    pool.close = pool.closeall
    with closing(pool):
        yield pool


def nothing(_: object) -> None:
    """Leaves a connection as it is."""


def read(connection) -> None:
    """Begins a transaction by reading."""
    connection.cursor().execute("SELECT 1")


def fail(connection) -> None:
    """Leaves a transaction in which a statement has failed."""
    with suppress(psycopg2.Error):
        connection.cursor().execute("SELECT nothing")


def commit(connection) -> None:
    """Ends its transaction."""
    read(connection)
    connection.commit()


@pytest.mark.parametrize(
    ("use", "kind"),
    [
        pytest.param(nothing, "idle", id="never used"),
        pytest.param(commit, "idle", id="committed"),
        pytest.param(read, "in_transaction", id="transaction left open"),
        pytest.param(fail, "in_transaction", id="transaction left failed"),
        pytest.param(lambda connection: connection.close(), "closed", id="closed, not returned"),
    ],
)
def test_kept_connection_is_a_leak_of_its_kind(pool, use, kind) -> None:
    """What the application still refers to but does not use is counted once, by what the connection does."""
    with watching(LEAK_AFTER_MS) as reported:
        connection = pool.getconn()
        use(connection)
        (event,) = reported.wait_for(LEAKED)
        assert (event[KIND], event["code.function.name"].rpartition(".")[2]) == (
            kind,
            "test_kept_connection_is_a_leak_of_its_kind",
        )
        assert event["code.stacktrace"].count("\n") == 7
        assert LEAK_AFTER_MS / 1000 <= event[HELD] < 5
        del connection
    assert reported.leaked() == {kind: 1}
    assert len(reported.named(LEAKED)) == 1


def test_dropped_connection_is_abandoned(pool) -> None:
    """What nobody but the pool refers to cannot come back; the cursor that is kept refers to its connection."""
    with watching(LEAK_AFTER_MS) as reported:
        pool.getconn().cursor().execute("SELECT 1")
        cursor = pool.getconn().cursor()
        events = reported.wait_for(LEAKED, 2)
        assert sorted(event[KIND] for event in events) == ["abandoned", "idle"]
        cursor.close()
    assert reported.leaked() == {"abandoned": 1, "idle": 1}


def test_connection_of_a_key_is_not_abandoned(pool) -> None:
    """The application can ask for it again by the key that it chose."""
    with watching(LEAK_AFTER_MS) as reported:
        pool.getconn("mine")
        (event,) = reported.wait_for(LEAKED)
        assert event[KIND] == "idle"
        pool.putconn(pool.getconn("mine"), "mine")
        assert reported.wait_for(LATE)


def test_collected_connection_is_abandoned_at_once(postgres_dsn) -> None:
    """A pool that goes away with a connection out loses it, long before the limit."""
    with watching() as reported:
        lost = pools.SimpleConnectionPool(0, 1, postgres_dsn)
        connection = lost.getconn()
        del lost, connection
        gc.collect()
        (event,) = reported.wait_for(LEAKED)
        assert event[KIND] == "abandoned"
    assert reported.leaked() == {"abandoned": 1}


def test_collected_connection_does_nothing(postgres_dsn) -> None:
    """Whoever asks in the moment of its end is told that nothing is known."""
    gone = []
    connection = psycopg2.connect(postgres_dsn)
    watched = WatchedConnection(connection, "p", lambda: gone.append(1))
    watched.keyed = True
    assert watched.use() == "idle"
    del connection
    assert (watched.use(), gone) == (None, [1])


def test_closed_pool_leaks_nothing(postgres_dsn) -> None:
    """``closeall`` ends what was out."""
    with watching() as reported:
        pool = pools.SimpleConnectionPool(0, 1, postgres_dsn)
        connection = pool.getconn()
        pool.closeall()
        del pool, connection
        gc.collect()
    assert reported.leaked() == {}


def test_long_statement_is_no_leak(pool) -> None:
    """A report that runs for many times the limit is told of as busy, once, and counted as nothing."""
    with watching(LEAK_AFTER_MS) as reported:
        connection = pool.getconn()
        connection.cursor().execute("SELECT pg_sleep(1.5)")
        pool.putconn(connection)
        (event,) = reported.named(BUSY)
        assert (event[KIND], event["otelmon.db.client.connection.held"] < 1) == ("busy", True)
    assert (reported.leaked(), reported.named(LEAKED), reported.named(LATE)) == ({}, [], [])


def test_long_statement_that_is_left_alone_afterwards_is_a_leak(pool) -> None:
    """From the end of its statement on, the connection has the same time as any other."""
    with watching(LEAK_AFTER_MS) as reported:
        connection = pool.getconn()
        connection.cursor().execute("SELECT pg_sleep(1)")
        ended = time.monotonic()
        (event,) = reported.wait_for(LEAKED)
        assert time.monotonic() - ended >= LEAK_AFTER_MS / 1000 - 0.1
        assert event[KIND] == "in_transaction"
        pool.putconn(connection)


def test_late_return_takes_the_report_back(pool) -> None:
    """A connection that comes back after its report is told of with its whole time; the next one is no late return."""
    with watching(LEAK_AFTER_MS) as reported:
        connection = pool.getconn()
        reported.wait_for(LEAKED)
        pool.putconn(connection)
        (event,) = reported.wait_for(LATE)
        assert (event[KIND], event[HELD] > reported.named(LEAKED)[0][HELD]) == ("idle", True)
        pool.putconn(pool.getconn())
    assert len(reported.named(LATE)) == 1


def test_connection_that_a_pool_refused_to_take_back_is_not_returned(pool, postgres_dsn) -> None:
    """Brought to the wrong pool it stays out: no late return, no second leak."""
    other = pools.SimpleConnectionPool(0, 1, postgres_dsn)
    with watching(LEAK_AFTER_MS) as reported:
        connection = pool.getconn()
        reported.wait_for(LEAKED)
        with pytest.raises(pools.PoolError, match="unkeyed"):
            other.putconn(connection)
        pool.putconn(connection)
        assert len(reported.wait_for(LATE)) == 1
    assert reported.leaked() == {"idle": 1}
    other.closeall()


def test_normal_use_leaks_nothing(postgres_dsn) -> None:
    """Four threads take and return twenty thousand connections while the watch looks as often as it can."""
    rounds, threads = 5000, 4
    pool = pools.ThreadedConnectionPool(threads, threads, postgres_dsn)

    def work() -> None:
        for _ in range(rounds):
            pool.putconn(pool.getconn())

    with watching(100, interval=0.001) as reported:
        running = [threading.Thread(target=work) for _ in range(threads)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
        assert sum(reported.registry.connections.checkouts().values()) == rounds * threads
    assert (reported.leaked(), reported.events) == ({}, [])
    pool.closeall()


def test_times_of_use_and_creation(postgres_dsn) -> None:
    """Each accepted return has a time, and each connection that a request waited for; those opened in advance not."""
    with watching(interval=60) as reported:
        pool = pools.ThreadedConnectionPool(1, 2, postgres_dsn)
        one, two = pool.getconn(), pool.getconn()
        one.cursor().execute("SELECT pg_sleep(0.1)")
        for connection in (one, two):
            pool.putconn(connection)
        with pytest.raises(pools.PoolError):
            pool.putconn(one)
        times = reported.times()
        (use,), (opening,) = times["db.client.connection.use_time"], times["db.client.connection.create_time"]
        assert (sum(use.counts), use.min_ns > 0.1e9) == (2, True)
        assert (sum(opening.counts), 0 < opening.sum_ns < 1e9) == (1, True)
        pool.closeall()
