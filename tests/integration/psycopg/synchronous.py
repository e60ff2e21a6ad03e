"""The ways of psycopg's synchronous classes."""

# ruff: noqa: D103 - the table at the end says what each function is
from __future__ import annotations

import threading
from typing import Any

import psycopg
from psycopg import connect as early_bound_connect
from psycopg import rows, sql

from tests.integration.psycopg.way import INSERT, ONE, SELECT, Q, Way, on_connection, on_cursor


class OwnCursor(psycopg.Cursor):
    """Calls its base."""

    def execute(self, query, params=None, **options: Any):
        """Runs a statement."""
        return super().execute(query, params, **options)


class LoopingCursor(psycopg.Cursor):
    """Makes one call out of several of its own."""

    def executemany(self, query, params_seq, **options: Any):
        """Runs a statement for each set."""
        for each in params_seq:
            self.execute(query, each, **options)


class OwnConnection(psycopg.Connection):
    """Is a class of the application's."""


def all_rows(cursor: Any) -> Any:
    cursor.execute(SELECT)
    return [str(row) for row in cursor.fetchall()], cursor.rowcount, cursor.statusmessage


def one_row(cursor: Any) -> Any:
    return cursor.execute(ONE, (2,)).fetchone()


def by_keyword(cursor: Any) -> Any:
    return cursor.execute(query=ONE, params=(2,)).fetchone()


def raw(cursor: Any) -> Any:
    return cursor.execute("SELECT name FROM items WHERE id = $1", (2,)).fetchone()


def failing(cursor: Any) -> Any:
    cursor.execute("INSERT INTO items VALUES (1, 'secret-value', 0)")


def on_the_connection(connection: Any) -> Any:
    return connection.execute(ONE, (1,)).fetchall(), connection.execute(SELECT, binary=True).fetchall()


def executemany(cursor: Any) -> Any:
    cursor.executemany(INSERT, [(10, "a"), (11, "b"), (12, "c")])
    return cursor.rowcount


def executemany_returning(cursor: Any) -> Any:
    cursor.executemany(INSERT + " RETURNING id", [(10, "a"), (11, "b")], returning=True)
    return [each.fetchall() for each in cursor.results()]


def executemany_failing(cursor: Any) -> Any:
    cursor.executemany(INSERT, [(10, "a"), (1, "secret-value")])


def several_statements(cursor: Any) -> Any:
    cursor.execute("UPDATE items SET price = 1; SELECT 1")
    return cursor.nextset(), cursor.fetchall()


def stream(cursor: Any) -> Any:
    return list(cursor.stream(SELECT))


def stream_left(cursor: Any) -> Any:
    rows = cursor.stream("SELECT generate_series(1, 20000000)")
    first = next(rows)
    rows.close()
    return first, cursor.connection.info.transaction_status


def stream_failing(cursor: Any) -> Any:
    return list(cursor.stream("SELECT 1 / (3 - id) FROM items"))


def copy_in(cursor: Any) -> Any:
    with cursor.copy("COPY items FROM STDIN") as copy:
        copy.write_row((30, "secret-value", 1))
        copy.write("31\tb\t2\n")
    return cursor.rowcount


def copy_out(cursor: Any) -> Any:
    with cursor.copy("COPY items (id) TO STDOUT") as copy:
        return list(copy.rows())


def copy_given_up(cursor: Any) -> Any:
    with cursor.copy("COPY items FROM STDIN") as copy:
        copy.write_row((30, "a", 1))
        raise LookupError("given up")


def copy_failing(cursor: Any) -> Any:
    with cursor.copy("COPY items FROM STDIN") as copy:
        copy.write("secret-value\n")


def composed(cursor: Any) -> Any:
    query = sql.SQL("SELECT {} FROM {} WHERE name <> {} AND id < {}").format(
        sql.Identifier("id"), sql.Identifier("public", "items"), sql.Literal("secret-value"), sql.Placeholder()
    )
    return cursor.execute(query, (3,)).fetchall()


def plain_sql_object(cursor: Any) -> Any:
    return cursor.execute(sql.SQL(SELECT)).fetchall()


def as_bytes(cursor: Any) -> Any:
    return cursor.execute(SELECT.encode()).fetchall()


def prepared(cursor: Any) -> Any:
    for number in range(1, 4):
        cursor.execute(ONE, (number,), prepare=True)
    return cursor.fetchone(), count_of_prepared(cursor)


def prepared_by_itself(cursor: Any) -> Any:
    for _ in range(7):
        cursor.execute(ONE, (1,))
    return count_of_prepared(cursor)


def count_of_prepared(cursor: Any) -> Any:
    return cursor.execute("SELECT count(*) FROM pg_prepared_statements").fetchone()


def named_fetches(connection: Any) -> Any:
    with connection.cursor("secret-value") as cursor:
        cursor.execute(SELECT)
        return cursor.fetchone(), cursor.fetchmany(1), cursor.fetchall()


def named_iteration(connection: Any) -> Any:
    with connection.cursor("c") as cursor:
        cursor.itersize = 2
        cursor.execute(SELECT)
        return list(cursor)


def named_scroll(connection: Any) -> Any:
    with connection.cursor("c", scrollable=True) as cursor:
        cursor.execute(sql.SQL(SELECT))
        cursor.scroll(2)
        return cursor.fetchone()


def named_never_executed(connection: Any) -> Any:
    with connection.cursor("c"):
        pass


def named_failing(connection: Any) -> Any:
    with connection.cursor("c") as cursor:
        cursor.execute("SELECT nothing FROM items")


def named_executemany(connection: Any) -> Any:
    with connection.cursor("c") as cursor:
        cursor.executemany(INSERT, [(1, "a")])


def named_raw(connection: Any) -> Any:
    with psycopg.RawServerCursor(connection, "c") as cursor:
        return cursor.execute("SELECT name FROM items WHERE id = $1", (2,)).fetchall()


def with_block(connection: Any) -> Any:
    with connection:
        connection.execute(SELECT)
    return connection.closed


def failing_block(connection: Any) -> Any:
    with connection:
        connection.execute(SELECT)
        raise LookupError("of the application")


def commit(connection: Any) -> Any:
    connection.execute("UPDATE items SET price = 1")
    connection.commit()
    connection.commit()


def rollback(connection: Any) -> Any:
    connection.execute("UPDATE items SET price = 1")
    connection.rollback()
    connection.rollback()


def transaction(connection: Any) -> Any:
    with connection.transaction():
        connection.execute(SELECT)
        with connection.transaction("inner"):
            connection.execute("UPDATE items SET price = 1")
    return connection.info.transaction_status


def transaction_given_up(connection: Any) -> Any:
    with connection.transaction():
        connection.execute(SELECT)
        with connection.transaction():
            raise psycopg.Rollback
    with connection.transaction(force_rollback=True):
        connection.execute(SELECT)


def transaction_failing(connection: Any) -> Any:
    with connection.transaction():
        connection.execute("SELECT nothing FROM items")


def autocommit(connection: Any) -> Any:
    connection.execute(SELECT)
    connection.commit()
    return connection.info.transaction_status


def in_pipeline(connection: Any) -> Any:
    with connection.pipeline() as pipeline:
        first = connection.execute(SELECT)
        second = connection.execute("UPDATE items SET price = 1")
        pipeline.sync()
        third = connection.execute(ONE, (1,))
        return first.fetchall(), second.rowcount, third.fetchall()


def failing_pipeline(connection: Any) -> Any:
    with connection.pipeline():
        connection.execute("UPDATE items SET price = 1")
        connection.execute("INSERT INTO items VALUES (1, 'secret-value', 0)")
        connection.execute(SELECT)


def batch_in_pipeline(connection: Any) -> Any:
    with connection.pipeline():
        cursor = connection.cursor()
        cursor.executemany(INSERT, [(10, "a"), (11, "b")])
        last = connection.execute(SELECT)
    return last.rowcount


def transaction_in_pipeline(connection: Any) -> Any:
    with connection.pipeline(), connection.transaction():
        return connection.execute(SELECT).fetchall()


def notifies(connection: Any) -> Any:
    connection.execute("LISTEN channel")
    connection.execute("NOTIFY channel, 'secret-value'")
    return [each.payload for each in connection.notifies(timeout=1, stop_after=1)]


def two_phase(connection: Any) -> Any:
    connection.tpc_begin(connection.xid(1, "g", "b"))
    connection.execute("UPDATE items SET price = 0")
    connection.tpc_commit()


def two_phase_rolled_back(connection: Any) -> Any:
    connection.tpc_begin("secret-value")
    connection.tpc_rollback()


def cancelled(connection: Any) -> Any:
    timer = threading.Timer(0.3, connection.cancel_safe)
    timer.start()
    try:
        connection.execute("SELECT pg_sleep(20)")
    finally:
        timer.join()


def cancelled_by_timeout(connection: Any) -> Any:
    connection.execute("SET statement_timeout = 100")
    connection.execute("SELECT pg_sleep(20)")


def closed_cursor(connection: Any) -> Any:
    cursor = connection.cursor()
    cursor.close()
    cursor.execute(SELECT)


def closed_connection(connection: Any) -> Any:
    cursor = connection.cursor()
    connection.close()
    cursor.execute(SELECT)


def missing_argument(cursor: Any) -> Any:
    cursor.execute()


def wrong_parameter(cursor: Any) -> Any:
    cursor.execute(ONE, {"a": 1})


def early(dsn: str) -> Any:
    with early_bound_connect(dsn) as connection:
        return connection.execute(SELECT).fetchall()


def module_connect(dsn: str) -> Any:
    with psycopg.connect(dsn) as connection:
        return connection.execute(SELECT).fetchall()


def refused_connection(dsn: str) -> Any:
    del dsn
    psycopg.connect("host=127.0.0.1 port=1 dbname=shop user=u password=secret-value connect_timeout=2")


def no_connection_string(dsn: str) -> Any:
    del dsn
    psycopg.connect("secret-value")


def type_information(connection: Any) -> Any:
    found = psycopg.types.TypeInfo.fetch(connection, "int4")
    return found.name


def terminated(connection: Any) -> Any:
    with psycopg.Connection.connect(connection.info.dsn, password=connection.info.password, autocommit=True) as other:
        timer = threading.Timer(0.3, other.execute, ["SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,)])
        timer.start()
        try:
            connection.execute("SELECT pg_sleep(20)")
        finally:
            timer.join()


class Unprintable:
    """Is no value of any type that psycopg knows."""

    def __str__(self) -> str:
        """Fails."""
        raise LookupError("not printable")

    __repr__ = __str__


class UnprintableText(str):
    """Is a statement that nobody may print."""

    __slots__ = ()

    def __str__(self) -> str:
        """Fails."""
        raise LookupError("not printable")


def unprintable_value(cursor: Any) -> Any:
    cursor.execute(ONE, (Unprintable(),))


def unprintable_statement(cursor: Any) -> Any:
    return cursor.execute(UnprintableText(SELECT)).fetchall()


def no_statement(cursor: Any) -> Any:
    cursor.execute(Unprintable())


def unprintable_literal(cursor: Any) -> Any:
    cursor.execute(sql.SQL("SELECT {}").format(sql.Literal(Unprintable())))


def surrogate(cursor: Any) -> Any:
    cursor.execute("SELECT 'secret-value\ud800'")


def nul_in_the_statement(cursor: Any) -> Any:
    return cursor.execute("SELECT 'secret-value\x00'").fetchall()


def nul_in_a_value(cursor: Any) -> Any:
    cursor.execute("SELECT %s::text", ("secret-value\x00",))


def memory(cursor: Any) -> Any:
    return cursor.execute("SELECT %s::bytea", (memoryview(b"secret-value"),)).fetchone()


def undecodable_bytes(cursor: Any) -> Any:
    cursor.execute(b"SELECT 'secret-value\xff'")


def large_statement(cursor: Any) -> Any:
    return len(cursor.execute("SELECT '" + "secret-value " * 1_000_000 + "'").fetchone()[0])


def unprintable_error(cursor: Any) -> Any:
    class UnprintableError(Exception):
        def __str__(self) -> str:
            raise LookupError("not printable")

    def parameters() -> Any:
        yield (1, "a")
        raise UnprintableError

    try:
        cursor.executemany(INSERT, parameters())
    except UnprintableError as error:
        return type(error).__qualname__


B, C, R = "BEGIN", "COMMIT", "ROLLBACK"
DECLARED = "DECLARE items"
WAYS = (
    Way("execute", on_cursor(all_rows), (Q,)),
    Way("execute with parameters", on_cursor(one_row), (Q,)),
    Way("execute by keyword", on_cursor(by_keyword), (Q,)),
    Way("execute that fails", on_cursor(failing), ("INSERT items",)),
    Way("execute of a connection", on_connection(on_the_connection), (Q, Q)),
    Way("several statements", on_cursor(several_statements), ("UPDATE items",)),
    Way("executemany", on_cursor(executemany), ("INSERT items",)),
    Way("executemany, returning", on_cursor(executemany_returning), ("INSERT items",)),
    Way("executemany that fails", on_cursor(executemany_failing), ("INSERT items",)),
    Way("executemany made of execute", on_cursor(executemany, cursor_factory=LoopingCursor), ("INSERT items",) * 3),
    Way("stream", on_cursor(stream), (Q,)),
    Way("stream, left early", on_cursor(stream_left), ("SELECT",)),
    Way("stream that fails", on_cursor(stream_failing), (Q,)),
    Way("copy, written", on_cursor(copy_in), ("COPY items",)),
    Way("copy, read", on_cursor(copy_out), ("COPY items",)),
    Way("copy, given up", on_cursor(copy_given_up), ("COPY items",)),
    Way("copy that fails", on_cursor(copy_failing), ("COPY items",)),
    Way("sql.Composed", on_cursor(composed), ('SELECT "public"."items"',)),
    Way("sql.SQL", on_cursor(plain_sql_object), (Q,)),
    Way("bytes", on_cursor(as_bytes), (Q,)),
    Way("ClientCursor", on_cursor(one_row, cursor_factory=psycopg.ClientCursor), (Q,)),
    Way("RawCursor", on_cursor(raw, cursor_factory=psycopg.RawCursor), (Q,)),
    Way("own cursor", on_cursor(all_rows, cursor_factory=OwnCursor), (Q,)),
    Way("own connection", on_cursor(all_rows, kind=OwnConnection), (Q,)),
    Way("row factory: dict_row", on_cursor(all_rows, row_factory=rows.dict_row), (Q,)),
    Way("row factory: namedtuple_row", on_cursor(all_rows, row_factory=rows.namedtuple_row), (Q,)),
    Way("row factory: scalar_row", on_cursor(all_rows, row_factory=rows.scalar_row), (Q,)),
    Way("prepared", on_cursor(prepared), (Q, Q, Q, "SELECT pg_prepared_statements")),
    Way("prepared by psycopg itself", on_cursor(prepared_by_itself), (*[Q] * 7, "SELECT pg_prepared_statements")),
    Way("named cursor, fetches", on_connection(named_fetches), (DECLARED, "FETCH", "FETCH", "FETCH", "CLOSE")),
    Way("named cursor, iteration", on_connection(named_iteration), (DECLARED, "FETCH", "FETCH", "CLOSE")),
    Way("named cursor, scroll", on_connection(named_scroll), (DECLARED, "MOVE", "FETCH", "CLOSE")),
    Way("named cursor, never executed", on_connection(named_never_executed), ()),
    Way("named cursor that fails", on_connection(named_failing), (DECLARED,)),
    Way("named cursor, executemany", on_connection(named_executemany), ()),
    Way("RawServerCursor", on_connection(named_raw), (DECLARED, "FETCH", "CLOSE")),
    Way("with connection", on_connection(with_block), (Q, C)),
    Way("with connection, failing", on_connection(failing_block), (Q, R)),
    Way("commit", on_connection(commit), ("UPDATE items", C)),
    Way("rollback", on_connection(rollback), ("UPDATE items", R)),
    Way("transaction", on_connection(transaction), (B, Q, "SAVEPOINT", "UPDATE items", "RELEASE", C)),
    Way("transaction, given up", on_connection(transaction_given_up), (B, Q, "SAVEPOINT", R, C, B, Q, R)),
    Way("transaction that fails", on_connection(transaction_failing), (B, Q, R)),
    Way("autocommit", on_connection(autocommit, autocommit=True), (Q,)),
    Way("pipeline", on_connection(in_pipeline), (Q, "UPDATE items", Q)),
    Way("pipeline that fails", on_connection(failing_pipeline), ("UPDATE items", "INSERT items", Q)),
    Way("pipeline, executemany", on_connection(batch_in_pipeline), ("INSERT items", Q)),
    Way("pipeline, transaction", on_connection(transaction_in_pipeline), (B, Q, C)),
    Way("notifies", on_connection(notifies, autocommit=True), ("LISTEN", "NOTIFY")),
    Way("two-phase, committed at once", on_connection(two_phase), (B, "UPDATE items", C)),
    Way("two-phase, rolled back", on_connection(two_phase_rolled_back), (B, R)),
    Way("cancelled", on_connection(cancelled), ("SELECT",)),
    Way("cancelled by timeout", on_connection(cancelled_by_timeout), ("SET", "SELECT")),
    Way("closed cursor", on_connection(closed_cursor), (Q,)),
    Way("closed connection", on_connection(closed_connection), (Q,)),
    Way("missing argument", on_cursor(missing_argument), ("OTHER",)),
    Way("wrong parameter", on_cursor(wrong_parameter), (Q,)),
    Way("psycopg.connect", module_connect, (Q, C)),
    Way("psycopg.connect bound early", early, (Q, C)),
    Way("refused connection", refused_connection, ()),
    Way("no connection string", no_connection_string, ()),
    Way("value that cannot be printed", on_cursor(unprintable_value), (Q,)),
    Way("statement that cannot be printed", on_cursor(unprintable_statement), (Q,)),
    Way("error that cannot be printed", on_cursor(unprintable_error), ("INSERT items",)),
    Way("literal that cannot be printed", on_cursor(unprintable_literal), ("SELECT",)),
    Way("no statement", on_cursor(no_statement), ("OTHER",)),
    Way("lone surrogate", on_cursor(surrogate), ("SELECT",)),
    Way("NUL in the statement", on_cursor(nul_in_the_statement), ("SELECT",)),
    Way("NUL in a value", on_cursor(nul_in_a_value), ("SELECT",)),
    Way("memoryview", on_cursor(memory), ("SELECT",)),
    Way("bytes that are no text", on_cursor(undecodable_bytes), ("SELECT",)),
    Way("13 MB of statement", on_cursor(large_statement), ("SELECT",)),
    Way("type information", on_connection(type_information), (B, "SELECT pg_type", C)),
    Way("terminated in mid-query", on_connection(terminated), ("SELECT", "SELECT")),
)
