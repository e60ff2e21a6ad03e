"""Every way to run SQL with psycopg2: what it does, and the spans that it must give."""

# ruff: noqa: D103 - the table at the end says what each function is
from __future__ import annotations

import io
import logging
import select
import warnings
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg2
from psycopg2 import connect as early_bound_connect
from psycopg2 import extensions, extras, pool, sql

if TYPE_CHECKING:
    from collections.abc import Callable

SELECT = "SELECT id, name FROM items ORDER BY id"
ONE = "SELECT name FROM items WHERE id = %s"


class DocumentedCursor(extensions.cursor):
    """Calls its base by name, as psycopg2's documentation does."""

    def execute(self, query, vars=None):  # noqa: A002 - psycopg2's name
        """Runs a statement."""
        return extensions.cursor.execute(self, query, vars)


class LoopingCursor(extensions.cursor):
    """Makes one call out of several of its own."""

    def executemany(self, query, vars_list):
        """Runs a statement for each set."""
        for each in vars_list:
            self.execute(query, each)


class OwnConnection(extensions.connection):
    """Chooses the class of its cursors and calls its base by name."""

    def cursor(self, *args: Any, **options: Any):
        """Returns a cursor."""
        options.setdefault("cursor_factory", DocumentedCursor)
        return extensions.connection.cursor(self, *args, **options)


class CooperativeConnection(extensions.connection):
    """Chooses the class of its cursors and calls up."""

    def cursor(self, *args: Any, **options: Any):
        """Returns a cursor."""
        options.setdefault("cursor_factory", extras.DictCursor)
        return super().cursor(*args, **options)


@dataclass(frozen=True)
class Way:
    """Describes one way; ``spans`` are the names of what it gives besides CONNECT, in order of their ends."""

    name: str
    run: Callable[[str], Any]
    spans: tuple[str, ...]


def on_cursor(
    work: Callable[[Any], Any], *, options: dict[str, Any] | None = None, **connect: Any
) -> Callable[[str], Any]:
    """Returns a way that works with one cursor of one connection, in a transaction that is given up."""

    def run(dsn: str) -> Any:
        with closing(psycopg2.connect(dsn, **connect)) as connection:
            return work(connection.cursor(**(options or {})))

    return run


def on_connection(work: Callable[[Any], Any], **connect: Any) -> Callable[[str], Any]:
    """Returns a way that works with one connection."""

    def run(dsn: str) -> Any:
        with closing(psycopg2.connect(dsn, **connect)) as connection:
            return work(connection)

    return run


def all_rows(cursor: Any) -> Any:
    cursor.execute(SELECT)
    return [tuple(row) if not isinstance(row, dict) else dict(row) for row in cursor.fetchall()], cursor.rowcount


def one_row(cursor: Any) -> Any:
    cursor.execute(ONE, (2,))
    return cursor.fetchone()


def by_keyword(cursor: Any) -> Any:
    cursor.execute(query=ONE, vars=(2,))
    return cursor.fetchone()


def failing(cursor: Any) -> Any:
    cursor.execute("INSERT INTO items VALUES (1, 'secret-value', 0)")


def executemany(cursor: Any) -> Any:
    cursor.executemany("INSERT INTO items VALUES (%s, %s, 0)", [(10, "a"), (11, "b"), (12, "c")])
    return cursor.rowcount


def callproc(cursor: Any) -> Any:
    cursor.callproc("add_up", (1, 2))
    return cursor.fetchone()


def execute_values(cursor: Any) -> Any:
    return extras.execute_values(
        cursor, "INSERT INTO items VALUES %s RETURNING id", [(20, "x", 1), (21, "y", 2)], fetch=True
    )


def execute_batch(cursor: Any) -> Any:
    return extras.execute_batch(cursor, "UPDATE items SET price = %s WHERE id = %s", [(1, 1), (2, 2)])


def copy_expert(cursor: Any) -> Any:
    file = io.StringIO()
    cursor.copy_expert("COPY items TO STDOUT", file)
    return file.getvalue(), cursor.rowcount


def copy_from(cursor: Any) -> Any:
    cursor.copy_from(io.StringIO("30\tthirty\t1\n31\tthirty-one\t2\n"), "items")
    return cursor.rowcount


def copy_to(cursor: Any) -> Any:
    file = io.StringIO()
    cursor.copy_to(file, "items", columns=("id",))
    return file.getvalue()


def composed(cursor: Any) -> Any:
    cursor.execute(
        sql.SQL("SELECT {}, {} FROM {} WHERE id = {}").format(
            sql.Identifier("name"), sql.Literal("secret-value"), sql.Identifier("public", "items"), sql.Placeholder()
        ),
        (1,),
    )
    return cursor.fetchall()


def plain_sql_object(cursor: Any) -> Any:
    cursor.execute(sql.SQL("SELECT 1"))
    return cursor.fetchall()


def as_bytes(cursor: Any) -> Any:
    cursor.execute(b"SELECT name FROM items WHERE name = 'secret-value'")
    return cursor.fetchall()


def named_fetches(connection: Any) -> Any:
    with connection.cursor("c1") as cursor:
        cursor.execute(SELECT)
        return cursor.fetchone(), cursor.fetchmany(1), cursor.fetchall()


def named_iteration(connection: Any) -> Any:
    cursor = connection.cursor("c2")
    cursor.itersize = 2
    cursor.execute(SELECT)
    rows = list(cursor)
    cursor.close()
    return rows


def named_dictionaries(connection: Any) -> Any:
    with connection.cursor(name="c3", cursor_factory=extras.RealDictCursor) as cursor:
        cursor.execute(SELECT)
        return [dict(row) for row in cursor]


def named_scroll(connection: Any) -> Any:
    cursor = connection.cursor("c4", scrollable=True)
    cursor.execute(SELECT)
    cursor.scroll(1)
    row = cursor.fetchone()
    cursor.close()
    return row


def named_never_executed(connection: Any) -> Any:
    connection.cursor("c5").close()
    return "closed"


def with_block(connection: Any) -> Any:
    with connection, connection.cursor() as cursor:
        cursor.execute(ONE, (1,))
        return cursor.fetchall()


def failing_block(connection: Any) -> Any:
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT nothing FROM items")


def commit(connection: Any) -> Any:
    connection.cursor().execute("UPDATE items SET price = 0")
    connection.commit()
    connection.commit()
    return connection.status


def rollback(connection: Any) -> Any:
    connection.cursor().execute("UPDATE items SET price = 0")
    connection.rollback()
    connection.rollback()
    return connection.status


def autocommit(connection: Any) -> Any:
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute(ONE, (1,))
    connection.commit()
    return cursor.fetchall(), connection.status


def autocommit_block(connection: Any) -> Any:
    connection.autocommit = True
    with connection, connection.cursor() as cursor:
        cursor.execute(ONE, (1,))
        return cursor.fetchall(), connection.status


def reset(connection: Any) -> Any:
    connection.reset()
    return connection.status


def wait(connection: Any) -> None:
    """Waits for an asynchronous connection."""
    while (state := connection.poll()) != extensions.POLL_OK:
        readable = [connection] if state == extensions.POLL_READ else []
        writable = [connection] if state == extensions.POLL_WRITE else []
        select.select(readable, writable, [], 10)


def asynchronous(dsn: str) -> Any:
    with closing(psycopg2.connect(dsn, async_=True)) as connection:
        wait(connection)
        cursor = connection.cursor()
        cursor.execute(SELECT)
        wait(connection)
        rows = cursor.fetchall()
        cursor.callproc("add_up", (2, 3))
        wait(connection)
        return rows, cursor.fetchall()


def asynchronous_failure(dsn: str) -> Any:
    with closing(psycopg2.connect(dsn, async_=True)) as connection:
        wait(connection)
        connection.cursor().execute("SELECT nothing FROM items")
        wait(connection)


def green(dsn: str) -> Any:
    extensions.set_wait_callback(wait)
    try:
        return on_cursor(all_rows)(dsn)
    finally:
        extensions.set_wait_callback(None)


def notify(connection: Any) -> Any:
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("LISTEN channel")
    cursor.execute("NOTIFY channel, 'secret-value'")
    connection.poll()
    return [(each.channel, each.payload) for each in connection.notifies]


def large_object(connection: Any) -> Any:
    made = connection.lobject()
    made.write("hello")
    made.seek(0)
    found = made.read()
    made.unlink()
    return found, type(made).__name__


def cancelled(connection: Any) -> Any:
    connection.cursor().execute("SET LOCAL statement_timeout = 50")
    connection.cursor().execute("SELECT pg_sleep(10)")


def one_phase(connection: Any) -> Any:
    connection.tpc_begin(connection.xid(1, "gtrid", "bqual"))
    connection.cursor().execute("UPDATE items SET price = 0")
    connection.tpc_commit()
    return connection.status


def two_phase_refused(connection: Any) -> Any:
    connection.tpc_begin(connection.xid(1, "gtrid", "bqual"))
    connection.tpc_rollback()
    return connection.status


def logging_connection(dsn: str) -> Any:
    with closing(psycopg2.connect(dsn, connection_factory=extras.LoggingConnection)) as connection:
        file = io.StringIO()
        connection.initialize(file)
        return all_rows(connection.cursor()), file.getvalue()


def minimum_time_logging(dsn: str) -> Any:
    with closing(psycopg2.connect(dsn, connection_factory=extras.MinTimeLoggingConnection)) as connection:
        connection.initialize(logging.getLogger("ways"), mintime=10_000)
        return all_rows(connection.cursor())


def positional(dsn: str) -> Any:
    with closing(psycopg2.connect(dsn, None, extras.DictCursor)) as connection:
        return all_rows(connection.cursor()), isinstance(connection.cursor(), extras.DictCursor)


def positional_cursor(connection: Any) -> Any:
    return all_rows(connection.cursor(None, extras.RealDictCursor))


def early(dsn: str) -> Any:
    with closing(early_bound_connect(dsn)) as connection:
        return all_rows(connection.cursor())


def factory_function(dsn: str) -> Any:
    with closing(psycopg2.connect(dsn, connection_factory=lambda dsn: OwnConnection(dsn))) as connection:  # noqa: PLW0108 - a function, not a class
        return all_rows(connection.cursor())


def cursor_function(connection: Any) -> Any:
    return all_rows(connection.cursor(cursor_factory=lambda session, name: DocumentedCursor(session, name)))  # noqa: PLW0108 - a function, not a class


def attribute(connection: Any) -> Any:
    connection.cursor_factory = extras.NamedTupleCursor
    cursor = connection.cursor()
    return all_rows(cursor), connection.cursor_factory is extras.NamedTupleCursor


def pooled(dsn: str) -> Any:
    owner = pool.ThreadedConnectionPool(1, 2, dsn, cursor_factory=extras.RealDictCursor)
    connection = owner.getconn()
    found = all_rows(connection.cursor())
    owner.putconn(connection)
    owner.closeall()
    return found


def registered(connection: Any) -> Any:
    extras.register_uuid(conn_or_curs=connection)
    extensions.register_type(extensions.new_type((23,), "FLOATED", lambda value, _: float(value)), connection)
    cursor = connection.cursor()
    cursor.execute(ONE.replace("name", "id"), (1,))
    return cursor.fetchone(), isinstance(connection, extensions.connection), isinstance(cursor, extensions.cursor)


def closed_cursor(connection: Any) -> Any:
    cursor = connection.cursor()
    cursor.close()
    cursor.execute(SELECT)


def closed_connection(connection: Any) -> Any:
    cursor = connection.cursor()
    connection.close()
    cursor.execute(SELECT)


def wrong_arguments(cursor: Any) -> Any:
    cursor.execute()


def unknown_argument(connection: Any) -> Any:
    connection.cursor(nothing=1)


def not_a_cursor_class(connection: Any) -> Any:
    connection.cursor(cursor_factory=dict)


def mogrify(cursor: Any) -> Any:
    return cursor.mogrify(ONE, (1,))


def refused_connection(dsn: str) -> Any:
    del dsn
    psycopg2.connect("host=127.0.0.1 port=1 dbname=shop user=u password=secret-value connect_timeout=2")


def warnings_are_errors(cursor: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cursor.execute("DROP TABLE IF EXISTS never_there")
        return len(cursor.connection.notices)


Q = "SELECT items"
WAYS = (
    Way("execute", on_cursor(all_rows), (Q,)),
    Way("execute with parameters", on_cursor(one_row), (Q,)),
    Way("execute by keyword", on_cursor(by_keyword), (Q,)),
    Way("execute that fails", on_cursor(failing), ("INSERT items",)),
    Way("executemany", on_cursor(executemany), ("INSERT items",)),
    Way(
        "executemany made of execute",
        on_cursor(executemany, options={"cursor_factory": LoopingCursor}),
        ("INSERT items",),
    ),
    Way("callproc", on_cursor(callproc), ("CALL add_up",)),
    Way(
        "callproc with dictionaries",
        on_cursor(callproc, options={"cursor_factory": extras.RealDictCursor}),
        ("CALL add_up",),
    ),
    Way("execute_values", on_cursor(execute_values), ("INSERT items",)),
    Way("execute_batch", on_cursor(execute_batch), ("UPDATE items",)),
    Way("copy_expert", on_cursor(copy_expert), ("COPY items",)),
    Way("copy_from", on_cursor(copy_from), ("COPY items",)),
    Way("copy_to", on_cursor(copy_to), ("COPY items",)),
    Way("sql.Composed", on_cursor(composed), ('SELECT "public"."items"',)),
    Way("sql.SQL", on_cursor(plain_sql_object), ("SELECT",)),
    Way("bytes", on_cursor(as_bytes), (Q,)),
    Way("DictCursor per call", on_cursor(all_rows, options={"cursor_factory": extras.DictCursor}), (Q,)),
    Way("RealDictCursor per call", on_cursor(all_rows, options={"cursor_factory": extras.RealDictCursor}), (Q,)),
    Way("NamedTupleCursor per call", on_cursor(all_rows, options={"cursor_factory": extras.NamedTupleCursor}), (Q,)),
    Way("own cursor per call", on_cursor(all_rows, options={"cursor_factory": DocumentedCursor}), (Q,)),
    Way("RealDictCursor by position", on_connection(positional_cursor), (Q,)),
    Way("cursor function per call", on_connection(cursor_function), (Q,)),
    Way("DictCursor per connection", on_cursor(all_rows, cursor_factory=extras.DictCursor), (Q,)),
    Way("DictCursor per connection by position", positional, (Q,)),
    Way("cursor_factory attribute", on_connection(attribute), (Q,)),
    Way("RealDictConnection", on_cursor(all_rows, connection_factory=extras.RealDictConnection), (Q,)),
    Way("NamedTupleConnection", on_cursor(all_rows, connection_factory=extras.NamedTupleConnection), (Q,)),
    Way("own connection, base by name", on_cursor(all_rows, connection_factory=OwnConnection), (Q,)),
    Way("own connection, calling up", on_cursor(all_rows, connection_factory=CooperativeConnection), (Q,)),
    Way("connection function", factory_function, (Q,)),
    Way("LoggingConnection", logging_connection, (Q,)),
    Way("MinTimeLoggingConnection", minimum_time_logging, (Q,)),
    Way("connect bound early", early, (Q,)),
    Way("named cursor, fetches", on_connection(named_fetches), ("DECLARE items", "FETCH", "FETCH", "FETCH", "CLOSE")),
    Way(
        "named cursor, iteration", on_connection(named_iteration), ("DECLARE items", "FETCH", "FETCH", "FETCH", "CLOSE")
    ),
    Way("named cursor, dictionaries", on_connection(named_dictionaries), ("DECLARE items", "FETCH", "FETCH", "CLOSE")),
    Way("named cursor, scroll", on_connection(named_scroll), ("DECLARE items", "MOVE", "FETCH", "CLOSE")),
    Way("named cursor, never executed", on_connection(named_never_executed), ()),
    Way("with connection", on_connection(with_block), (Q, "COMMIT")),
    Way("with connection, failing", on_connection(failing_block), (Q, "ROLLBACK")),
    Way("commit", on_connection(commit), ("UPDATE items", "COMMIT")),
    Way("rollback", on_connection(rollback), ("UPDATE items", "ROLLBACK")),
    Way("autocommit", on_connection(autocommit), (Q,)),
    Way("autocommit, with connection", on_connection(autocommit_block), (Q, "COMMIT")),
    Way("reset", on_connection(reset), ("RESET",)),
    Way("asynchronous connection", asynchronous, (Q, "CALL add_up")),
    Way("asynchronous connection, failing", asynchronous_failure, (Q,)),
    Way("wait callback", green, (Q,)),
    Way("notify", on_connection(notify), ("LISTEN", "NOTIFY")),
    Way("large object", on_connection(large_object), ()),
    Way("cancelled by timeout", on_connection(cancelled), ("SET", "SELECT")),
    Way("two-phase, committed at once", on_connection(one_phase), ("BEGIN", "UPDATE items", "COMMIT")),
    Way("two-phase, rolled back", on_connection(two_phase_refused), ("BEGIN", "ROLLBACK")),
    Way("pool", pooled, (Q, "ROLLBACK")),
    Way("registered types", on_connection(registered), (Q,)),
    Way("closed cursor", on_connection(closed_cursor), (Q,)),
    Way("closed connection", on_connection(closed_connection), (Q,)),
    Way("missing argument", on_cursor(wrong_arguments), ("OTHER",)),
    Way("unknown argument of cursor", on_connection(unknown_argument), ()),
    Way("factory that is no cursor class", on_connection(not_a_cursor_class), ()),
    Way("mogrify", on_cursor(mogrify), ()),
    Way("refused connection", refused_connection, ()),
    Way("notices", on_cursor(warnings_are_errors), ("DROP never_there",)),
)
