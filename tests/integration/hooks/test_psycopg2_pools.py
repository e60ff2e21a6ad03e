"""Pools of psycopg2 on a real PostgreSQL: state, holders, exhaustion, and an application that notices nothing."""

from __future__ import annotations

import gc
import inspect
import threading
import time
import weakref
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import psycopg2
import psycopg2.extensions
import pytest
from psycopg2 import pool as pools
from psycopg2.extensions import parse_dsn

from otelmon import guard
from otelmon.hooks.psycopg2_pool import hook
from otelmon.records import PoolState
from otelmon.registry import HookRegistry
from otelmon.rules.code_lines import line_of
from otelmon.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from otelmon.records import Checkout

KINDS = [pools.SimpleConnectionPool, pools.ThreadedConnectionPool]
AFTER_LEAK_NS = 120_000_000_000


class OwnPool(pools.ThreadedConnectionPool):
    """Stands for what an application derives, with its own way to take a connection."""

    def getconn(self, key=None):
        """Takes a connection and checks it."""
        connection = super().getconn(key)
        assert not connection.closed
        return connection


@pytest.fixture
def registry() -> Iterator[HookRegistry]:
    """Yields a registry with the hook installed."""
    registry = HookRegistry(Settings())
    undo = hook.install(registry)
    yield registry
    undo()


@pytest.fixture
def name(postgres_dsn: str) -> str:
    """Returns the name that the first pool of the database has."""
    parts = parse_dsn(postgres_dsn)
    return f"{parts['host']}:{parts['port']}/{parts['dbname']}#1"


def held(registry: HookRegistry) -> list[Checkout]:
    """Returns what is out."""
    return list(registry.connections._checkouts.held())


@pytest.mark.parametrize("kind", [*KINDS, OwnPool], ids=lambda kind: kind.__name__)
def test_state_follows_the_pool(registry, postgres_dsn, name, kind) -> None:
    """Idle and used connections, limits and checkouts are those of the pool at every step."""
    with closing(closing_all(kind(2, 3, postgres_dsn))) as pool:
        assert registry.pools() == {name: PoolState(idle=2, used=0, max=3, min=2)}
        one, two = pool.getconn(), pool.getconn()
        assert registry.pools() == {name: PoolState(idle=0, used=2, max=3, min=2)}
        pool.putconn(one)
        pool.putconn(two, close=True)
        assert registry.pools() == {name: PoolState(idle=1, used=0, max=3, min=2)}
        assert registry.connections.checkouts() == {name: 2}
        assert registry.connections.held_longest_ns(time.monotonic_ns()) == {name: 0}
    assert registry.pools() == {}


def closing_all(pool):
    """Lets a pool be closed as files are."""
    pool.close = pool.closeall
    return pool


@pytest.mark.parametrize("kind", [*KINDS, OwnPool], ids=lambda kind: kind.__name__)
def test_exhausted_pool_raises_as_ever_and_is_counted(registry, postgres_dsn, name, kind) -> None:
    """The application gets psycopg2's own error at once, and one timeout is counted for each."""
    with closing(closing_all(kind(0, 1, postgres_dsn))) as pool:
        pool.getconn()
        for _ in range(2):
            with pytest.raises(pools.PoolError, match=r"^connection pool exhausted$"):
                pool.getconn()
    assert registry.connections.timeouts() == {name: 2}


def test_checkout_names_span_and_line(registry, postgres_dsn, name, tracer_provider) -> None:
    """A leak can be traced to the span and the line of the application that took the connection."""
    with closing(closing_all(OwnPool(1, 2, postgres_dsn))) as pool:
        before = time.monotonic_ns()
        with tracer_provider.get_tracer("test").start_as_current_span("page") as span:
            frame = inspect.currentframe()
            assert frame is not None
            connection = pool.getconn()
            line = frame.f_lineno - 1
        (checkout,) = held(registry)
        assert checkout.span is span.get_span_context()
        assert checkout.pool_name == name
        assert before <= checkout.since_ns <= time.monotonic_ns()
        (own, own_line), (here, here_line) = (
            (code, line_of(code, instruction)) for code, instruction in checkout.stack[:2] if code
        )
        # The nearest line of the application is the one in its own pool class.
        assert (own.co_filename, own.co_name) == (__file__, "getconn")
        assert (here, here_line) == (frame.f_code, line)
        assert own_line < line
        assert len(checkout.stack) == 8
        pool.putconn(connection)


def test_checkout_without_a_span_has_no_ids(registry, postgres_dsn) -> None:
    """Outside of any span there is nothing to point at."""
    with closing(closing_all(pools.SimpleConnectionPool(1, 1, postgres_dsn))) as pool:
        connection = pool.getconn()
        (checkout,) = held(registry)
        assert checkout.span is not None
        assert (checkout.span.trace_id, checkout.span.span_id, checkout.span.trace_flags) == (0, 0, 0)
        assert checkout.stack[0][0].co_name == "test_checkout_without_a_span_has_no_ids"
        pool.putconn(connection)


def test_connection_never_returned_is_a_leak_once(registry, postgres_dsn, name) -> None:
    """What is still out after the limit is reported once; what came back is not."""
    with closing(closing_all(pools.ThreadedConnectionPool(0, 2, postgres_dsn))) as pool:
        pool.getconn()
        pool.putconn(pool.getconn())
        later = time.monotonic_ns() + AFTER_LEAK_NS
        assert [each.checkout.pool_name for each in registry.connections.leaks(later)] == [name]
        assert registry.connections.leaks(later) == ()
        assert sum(registry.connections.leaked().values()) == 1


def test_same_key_twice_is_one_checkout(registry, postgres_dsn, name) -> None:
    """psycopg2 hands out the same connection for the same key; it is out once."""
    with closing(closing_all(pools.SimpleConnectionPool(0, 2, postgres_dsn))) as pool:
        assert pool.getconn("a") is pool.getconn("a")
        assert registry.connections.checkouts() == {name: 1}
        pool.putconn(pool.getconn("a"), "a")
        assert held(registry) == []


def test_connection_returned_twice(registry, postgres_dsn) -> None:
    """The second return fails as ever and changes nothing."""
    with closing(closing_all(pools.SimpleConnectionPool(1, 2, postgres_dsn))) as pool:
        connection = pool.getconn()
        pool.putconn(connection)
        with pytest.raises(pools.PoolError, match="trying to put unkeyed connection"):
            pool.putconn(connection)
        assert held(registry) == []


def test_connection_returned_to_the_wrong_pool_is_still_out(registry, postgres_dsn) -> None:
    """Another pool refuses it as ever; it is still missing in its own, since then."""
    first, second = (closing_all(pools.SimpleConnectionPool(0, 1, postgres_dsn)) for _ in range(2))
    with closing(first), closing(second):
        connection = first.getconn()
        before = held(registry)
        with pytest.raises(pools.PoolError, match="trying to put unkeyed connection"):
            second.putconn(connection)
        assert held(registry) == before
        first.putconn(connection)
        assert held(registry) == []


def test_closed_connection_is_returned(registry, postgres_dsn) -> None:
    """Closed by the application and returned: it is back, and the pool has let it go."""
    with closing(closing_all(pools.ThreadedConnectionPool(1, 1, postgres_dsn))) as pool:
        connection = pool.getconn()
        connection.close()
        pool.putconn(connection)
        assert held(registry) == []
        assert next(iter(registry.pools().values())) == PoolState(idle=0, used=0, max=1, min=1)


@pytest.mark.parametrize("kind", KINDS)
def test_closed_pool_is_forgotten_and_fails_as_ever(registry, postgres_dsn, kind) -> None:
    """After ``closeall`` nothing is out, late returns and requests raise psycopg2's own error."""
    pool = kind(1, 2, postgres_dsn)
    connection = pool.getconn()
    pool.closeall()
    assert (registry.pools(), held(registry)) == ({}, [])
    for late in (lambda: pool.putconn(connection), pool.getconn, pool.closeall):
        with pytest.raises(pools.PoolError, match="connection pool is closed"):
            late()
    assert (registry.pools(), held(registry)) == ({}, [])
    assert set(registry.connections.timeouts().values()) == {0}


def test_pool_closed_while_a_return_is_under_way_cleans_up(registry, postgres_dsn) -> None:
    """A return that fails because the pool is closed leaves nothing behind, whatever is known of the connection."""
    pool = pools.SimpleConnectionPool(0, 1, postgres_dsn)
    connection = pool.getconn()
    pool.closed = True
    with pytest.raises(pools.PoolError, match="connection pool is closed"):
        pool.putconn(connection)
    assert held(registry) == []
    connection.close()


def test_dropped_pool_leaves_nothing(registry, postgres_dsn) -> None:
    """A pool that is dropped with a connection out takes that connection along; nothing keeps either alive."""
    pool = pools.ThreadedConnectionPool(1, 2, postgres_dsn)
    connection = pool.getconn()
    gone = weakref.ref(pool), weakref.ref(connection)
    del pool, connection
    gc.collect()
    assert [each() for each in gone] == [None, None]
    assert (registry.pools(), held(registry)) == ({}, [])


def test_reader_of_a_dropped_pool_knows_nothing(registry, monkeypatch) -> None:
    """A reader that is called while its pool goes away has nothing to say, and does not keep the pool."""
    readers = []
    monkeypatch.setattr(registry, "add_pool", lambda _, reader, **__: readers.append(reader) or "p")
    pool = pools.SimpleConnectionPool(0, 1, "host=h")
    assert readers[0]() == PoolState(idle=0, used=0, max=1, min=0)
    del pool
    gc.collect()
    assert readers[0]() == PoolState()


def test_ten_thousand_dropped_pools_leave_nothing(registry, postgres_dsn, name) -> None:
    """Pools come and go without a trace, and use one label."""
    for _ in range(10_000):
        pools.ThreadedConnectionPool(0, 1, postgres_dsn)
    pool = pools.ThreadedConnectionPool(0, 1, postgres_dsn)
    assert list(registry.pools()) == [name]
    assert registry.connections.timeouts() == {name: 0}
    assert registry.overflow() == {}
    pool.closeall()


def test_pool_made_before_is_seen_at_its_next_use(postgres_dsn, name) -> None:
    """A pool that is older than the hook is reported from its next checkout on."""
    with closing(closing_all(pools.ThreadedConnectionPool(1, 1, postgres_dsn))) as pool:
        registry = HookRegistry(Settings())
        undo = hook.install(registry)
        assert registry.pools() == {}
        pool.putconn(pool.getconn())
        assert registry.pools() == {name: PoolState(idle=1, used=0, max=1, min=1)}
        undo()


def test_pool_that_cannot_connect_is_not_reported(registry, postgres_dsn) -> None:
    """The error of the constructor is psycopg2's, and there is no pool."""
    with pytest.raises(psycopg2.OperationalError):
        pools.SimpleConnectionPool(1, 1, postgres_dsn, port=1)
    assert registry.pools() == {}


@pytest.mark.parametrize(
    ("args", "options", "named"),
    [
        pytest.param(("postgresql://u:secret@db.example:6000/shop",), {}, "db.example:6000/shop#1", id="uri"),
        pytest.param(("host=h port=1 dbname=d user=u password=secret",), {}, "h:1/d#1", id="keywords in one text"),
        pytest.param((), {"dsn": "host=h port=1 dbname=d"}, "h:1/d#1", id="dsn by name"),
        pytest.param((), {"host": "h", "port": 1, "database": "d", "password": "secret"}, "h:1/d#1", id="arguments"),
        pytest.param(("host=h port=1 dbname=d",), {"dbname": "e"}, "h:1/e#1", id="argument over dsn"),
        pytest.param((), {"host": "/run/postgresql", "dbname": "d"}, "/run/postgresql:default/d#1", id="socket"),
        pytest.param((), {"hostaddr": "10.0.0.1", "user": "u"}, "10.0.0.1:default/default#1", id="address"),
        pytest.param((), {}, "default:default/default#1", id="nothing"),
    ],
)
def test_name_comes_from_the_configuration(registry, args, options, named) -> None:
    """Host, port and database make the name; user and password never do."""
    pool = pools.SimpleConnectionPool(0, 1, *args, **options)
    assert list(registry.pools()) == [named]
    del pool


def test_name_is_completed_by_a_connection(registry, postgres_dsn, name, monkeypatch) -> None:
    """What comes from the environment is asked of the first connection."""
    for key, value in parse_dsn(postgres_dsn).items():
        monkeypatch.setenv(
            {"dbname": "PGDATABASE", "host": "PGHOST", "port": "PGPORT"}.get(key, f"PG{key.upper()}"), value
        )
    with closing(closing_all(pools.SimpleConnectionPool(1, 1, ""))):
        assert list(registry.pools()) == [name]


def test_unreadable_dsn_fails_in_psycopg2_only(registry) -> None:
    """A text that is no DSN stays psycopg2's business; the guard has counted it."""
    guard.set_strict(False)
    pool = pools.SimpleConnectionPool(0, 1, "no dsn at all")
    with pytest.raises(psycopg2.ProgrammingError):
        pool.getconn()
    assert registry.pools() == {}
    assert guard.sites()["hooks.psycopg2_pool.pool"].errors == 1


def test_own_connection_class_stays(registry, postgres_dsn) -> None:
    """Connections are of the class that the application asked for, and the pool's results the same objects."""

    class Connection(psycopg2.extensions.connection):
        pass

    with closing(closing_all(pools.SimpleConnectionPool(1, 1, postgres_dsn, connection_factory=Connection))) as pool:
        connection = pool.getconn()
        assert type(connection) is Connection
        assert next(iter(pool._used.values())) is connection
        assert pool.putconn(connection) is None
    del registry


def test_failure_of_ours_changes_nothing(registry, postgres_dsn, monkeypatch) -> None:
    """A registry that raises at every step is counted by the guard; the application works on."""
    guard.set_strict(False)
    for method in ("add_pool", "remove_pool"):
        monkeypatch.setattr(registry, method, lambda *_, **__: 1 / 0)
    for method in ("checked_out", "checked_in", "returned", "refused", "created", "forget"):
        monkeypatch.setattr(registry.connections, method, lambda *_, **__: 1 / 0)
    pool = pools.ThreadedConnectionPool(0, 1, postgres_dsn)
    connection = pool.getconn()
    with pytest.raises(pools.PoolError, match="exhausted"):
        pool.getconn()
    pool.putconn(connection)
    pool.closeall()
    assert guard.sites()["hooks.psycopg2_pool.checkout"].errors == 3
    assert guard.sites()["hooks.psycopg2_pool.return"].errors == 1


def test_many_threads_leave_nothing_out(registry, postgres_dsn, name) -> None:
    """Eight threads on a pool of eight: every checkout is counted, none is left, none is mistaken for a leak."""
    rounds, threads = 300, 8
    with closing(closing_all(pools.ThreadedConnectionPool(threads, threads, postgres_dsn))) as pool:

        def work() -> None:
            for _ in range(rounds):
                pool.putconn(pool.getconn())

        running = [threading.Thread(target=work) for _ in range(threads)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
        assert registry.connections.checkouts() == {name: rounds * threads}
        assert registry.connections.leaks(time.monotonic_ns() + AFTER_LEAK_NS) == ()


def test_hundred_installations_leave_the_very_same_objects(postgres_dsn) -> None:
    """Install and undo restore all classes as they were."""
    kinds = (pools.AbstractConnectionPool, *KINDS)
    before = [dict(vars(kind)) for kind in kinds]
    registry = HookRegistry(Settings())
    for _ in range(100):
        hook.install(registry)()
    for kind, members in zip(kinds, before, strict=True):
        assert list(vars(kind)) == list(members)
        assert all(vars(kind)[member] is value for member, value in members.items())
    with closing(closing_all(pools.SimpleConnectionPool(0, 1, postgres_dsn))) as pool:
        pool.putconn(pool.getconn())
    assert (registry.pools(), registry.connections.checkouts()) == ({}, {})


def test_killed_server_process_is_psycopg2_s_matter(registry, postgres_dsn) -> None:
    """A connection whose server process has gone comes back as ever, and the table is clean."""
    with closing(closing_all(pools.ThreadedConnectionPool(1, 2, postgres_dsn))) as pool:
        victim, other = pool.getconn(), pool.getconn()
        with other.cursor() as cursor:
            cursor.execute("select pg_terminate_backend(%s)", (victim.info.backend_pid,))
        with pytest.raises(psycopg2.OperationalError), victim.cursor() as cursor:
            cursor.execute("select 1")
        for connection in (victim, other):
            with suppress(psycopg2.Error):
                pool.putconn(connection)
        assert held(registry) == []
