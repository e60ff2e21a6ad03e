"""Connections that no pool has, on a real PostgreSQL: counted, and told of when they leak."""

from __future__ import annotations

import asyncio
import gc
import time
from typing import TYPE_CHECKING, Any

import psycopg
import psycopg2
import psycopg_pool
import pytest
import sqlalchemy
from psycopg2 import pool as psycopg2_pools

from otelmon.hooks.psycopg import hook as psycopg_hook
from otelmon.hooks.psycopg2 import hook as psycopg2_hook
from otelmon.hooks.psycopg2_pool import hook as psycopg2_pool_hook
from otelmon.hooks.psycopg_pool import hook as psycopg_pool_hook
from otelmon.hooks.sqlalchemy_pool import hook as sqlalchemy_pool_hook
from otelmon.records import PoolState
from otelmon.settings import Settings
from tests.integration.observing import observing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from otelmon.records import LateReturn, Leak
    from otelmon.registry import HookRegistry

HOOKS = (psycopg2_hook, psycopg2_pool_hook, psycopg_hook, psycopg_pool_hook, sqlalchemy_pool_hook)
LEAK_AFTER_MS = 250
CONNECT = [pytest.param(psycopg2.connect, id="psycopg2"), pytest.param(psycopg.connect, id="psycopg")]
pytestmark = pytest.mark.filterwarnings("ignore:.*was deleted while still open:ResourceWarning")


class Book:
    """Looks at the connections as the watch does."""

    def __init__(self, registry: HookRegistry) -> None:
        self.connections = registry.connections
        self.registry = registry
        self.leaks: list[Leak] = []
        self.late: list[LateReturn] = []

    def look(self) -> None:
        """Looks once."""
        self.leaks += self.connections.leaks(time.monotonic_ns())
        self.late += self.connections.returned_late()

    def watch(self, seconds: float, work: Callable[[], object] = lambda: None) -> None:
        """Looks for so long, and does some work between two looks."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            self.look()
            work()
            time.sleep(0.02)

    def kinds(self) -> list[str]:
        """Returns the kinds of the leaks."""
        return [leak.kind for leak in self.leaks]

    def opened(self) -> int:
        """Returns how many connections were counted."""
        return sum(count for name, count in self.connections.checkouts().items() if name.endswith("#direct"))

    def state(self) -> PoolState:
        """Returns the state of the one address."""
        self.look()
        (state,) = (state for name, state in self.registry.pools().items() if name.endswith("#direct"))
        return state


@pytest.fixture
def book() -> Iterator[Book]:
    """Yields the book of an installation of all hooks of both drivers."""
    with observing(HOOKS, Settings(leak_after_ms=LEAK_AFTER_MS)) as observation:
        yield Book(observation.registry)


def opened_here(connect: Callable[..., Any], dsn: str) -> Any:
    """Opens a connection."""
    return connect(dsn)


@pytest.mark.parametrize("connect", CONNECT)
def test_connections_are_counted_by_address(book: Book, postgres_dsn: str, connect: Callable[..., Any]) -> None:
    """Each is counted once, as idle or used while it is open, under host, port and database."""
    short, kept = connect(postgres_dsn), connect(postgres_dsn)
    short.close()
    kept.cursor().execute("SELECT 1")
    book.watch(1.2, lambda: kept.cursor().execute("SELECT 1"))
    assert book.opened() == 2
    assert book.state() == PoolState(idle=0, used=1)
    kept.rollback()
    assert book.state() == PoolState(idle=1, used=0)
    (name,) = book.registry.pools()
    told = psycopg.conninfo.conninfo_to_dict(postgres_dsn)
    assert name == f"{told['host']}:{told['port']}/{told['dbname']}#direct"
    kept.close()
    assert book.state() == PoolState(idle=0, used=0)
    assert book.kinds() == []


@pytest.mark.parametrize("connect", CONNECT)
def test_a_connection_that_rests_is_no_leak(book: Book, postgres_dsn: str, connect: Callable[..., Any]) -> None:
    """One that is kept for a long time and used now and then, as a module's is, may stay."""
    connection = connect(postgres_dsn)
    connection.autocommit = True
    book.watch(0.8)
    connection.cursor().execute("SELECT 1")
    book.watch(0.4)
    assert book.kinds() == []
    connection.close()


@pytest.mark.parametrize("connect", CONNECT)
def test_an_open_transaction_in_which_nothing_happens_is_a_leak(
    book: Book, postgres_dsn: str, connect: Callable[..., Any]
) -> None:
    """It is told of once with the line that opened the connection, and taken back when it goes on."""
    connection = opened_here(connect, postgres_dsn)
    connection.cursor().execute("SELECT 1")
    book.watch(0.8)
    assert book.kinds() == ["in_transaction"]
    code, _ = book.leaks[0].checkout.stack[0]
    assert (code.co_name, code.co_filename) == ("opened_here", __file__)
    assert book.leaks[0].checkout.pool_name.endswith("#direct")
    connection.commit()
    book.look()
    assert [late.leak for late in book.late] == book.leaks
    assert {kind: count for (_, kind), count in book.connections.leaked().items() if count} == {"in_transaction": 1}
    connection.close()


@pytest.mark.parametrize("connect", CONNECT)
def test_a_long_transaction_in_which_something_happens_is_no_leak(
    book: Book, postgres_dsn: str, connect: Callable[..., Any]
) -> None:
    """A batch may work in one transaction for as long as it takes, even if every look finds it between statements."""
    connection = connect(postgres_dsn)
    cursor = connection.cursor()
    book.watch(0.8, lambda: cursor.execute("SELECT 1"))
    assert book.kinds() == []
    connection.close()


@pytest.mark.parametrize("connect", CONNECT)
def test_a_connection_that_was_thrown_away_is_a_leak(
    book: Book, postgres_dsn: str, connect: Callable[..., Any]
) -> None:
    """Collected without having been closed; at once, and whoever opened it is known."""
    connection = opened_here(connect, postgres_dsn)
    connection.close()
    connection = opened_here(connect, postgres_dsn)
    del connection
    gc.collect()
    book.look()
    assert book.kinds() == ["abandoned"]
    assert book.leaks[0].checkout.stack[0][0].co_name == "opened_here"
    assert book.opened() == 2


@pytest.mark.parametrize("connect", CONNECT)
def test_a_broken_connection_may_be_thrown_away(book: Book, postgres_dsn: str, connect: Callable[..., Any]) -> None:
    """The server has ended it, so there is nothing left to close."""
    connection = connect(postgres_dsn)
    with pytest.raises((psycopg.OperationalError, psycopg2.OperationalError)):
        connection.cursor().execute("SELECT pg_terminate_backend(pg_backend_pid())")
    del connection
    gc.collect()
    book.look()
    assert (book.kinds(), book.opened()) == ([], 1)


def test_asynchronous_connections(book: Book, postgres_dsn: str) -> None:
    """They are followed like the others."""

    async def run() -> None:
        async with await psycopg.AsyncConnection.connect(postgres_dsn) as connection:
            await connection.execute("SELECT 1")
            await asyncio.to_thread(book.watch, 0.8)

    asyncio.run(run())
    book.look()
    assert (book.kinds(), len(book.late), book.opened()) == (["in_transaction"], 1, 1)


def test_connections_of_pools_are_the_pools(book: Book, postgres_dsn: str) -> None:
    """What a pool opens, in advance or for a request, is counted there and nowhere else."""
    with psycopg_pool.ConnectionPool(postgres_dsn, min_size=2, open=False) as pool:
        pool.wait(10)
        with pool.connection():
            book.watch(0.1)
    with psycopg_pool.NullConnectionPool(postgres_dsn, open=False) as empty, empty.connection():
        book.look()
    other = psycopg2_pools.ThreadedConnectionPool(1, 2, postgres_dsn)
    held = [other.getconn(), other.getconn()]
    book.watch(1.2)
    for each in held:
        other.putconn(each)
    other.closeall()
    for driver in ("psycopg", "psycopg2"):
        engine = sqlalchemy.create_engine(postgres_dsn.replace("postgresql:", f"postgresql+{driver}:", 1))
        with engine.connect():
            book.watch(1.2)
        engine.dispose()
    assert book.opened() == 0
    assert not any(name.endswith("#direct") for name in book.connections.checkouts())
