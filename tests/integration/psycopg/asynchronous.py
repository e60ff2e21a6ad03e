"""The ways of psycopg's asynchronous classes."""

# ruff: noqa: D103 - the table at the end says what each function is
from __future__ import annotations

import asyncio
from typing import Any

import psycopg
from psycopg import rows, sql

from tests.integration.psycopg.way import INSERT, ONE, SELECT, Q, Way, in_task


class OwnCursor(psycopg.AsyncCursor):
    """Calls its base."""

    async def execute(self, query, params=None, **options: Any):
        """Runs a statement."""
        return await super().execute(query, params, **options)


async def execute(connection: Any) -> Any:
    async with connection.cursor() as cursor:
        await cursor.execute(SELECT)
        return [str(row) for row in await cursor.fetchall()], cursor.rowcount


async def on_the_connection(connection: Any) -> Any:
    cursor = await connection.execute(ONE, (1,))
    return await cursor.fetchone()


async def failing(connection: Any) -> Any:
    await connection.execute("INSERT INTO items VALUES (1, 'secret-value', 0)")


async def executemany(connection: Any) -> Any:
    cursor = connection.cursor()
    await cursor.executemany(INSERT, [(10, "a"), (11, "b")])
    return cursor.rowcount


async def stream(connection: Any) -> Any:
    return [row async for row in connection.cursor().stream(SELECT)]


async def stream_left(connection: Any) -> Any:
    rows = connection.cursor().stream("SELECT generate_series(1, 20000000)")
    first = await anext(rows)
    await rows.aclose()
    return first, connection.info.transaction_status


async def copy_in(connection: Any) -> Any:
    cursor = connection.cursor()
    async with cursor.copy("COPY items FROM STDIN") as copy:
        await copy.write_row((30, "secret-value", 1))
    return cursor.rowcount


async def copy_out(connection: Any) -> Any:
    async with connection.cursor().copy("COPY items (id) TO STDOUT") as copy:
        return [row async for row in copy.rows()]


async def composed(connection: Any) -> Any:
    query = sql.SQL("SELECT id FROM {} WHERE name <> {}").format(sql.Identifier("items"), "secret-value")
    return await (await connection.execute(query)).fetchall()


async def named_fetches(connection: Any) -> Any:
    async with connection.cursor("secret-value") as cursor:
        await cursor.execute(SELECT)
        return await cursor.fetchone(), await cursor.fetchmany(1), await cursor.fetchall()


async def named_iteration(connection: Any) -> Any:
    async with connection.cursor("c", scrollable=True) as cursor:
        cursor.itersize = 2
        await cursor.execute(SELECT)
        found = [row async for row in cursor]
        await cursor.scroll(0, "absolute")
        return found


async def with_block(connection: Any) -> Any:
    async with connection:
        await connection.execute(SELECT)
    return connection.closed


async def commit(connection: Any) -> Any:
    await connection.execute("UPDATE items SET price = 1")
    await connection.commit()
    await connection.rollback()


async def transaction(connection: Any) -> Any:
    async with connection.transaction(), connection.transaction():
        await connection.execute("UPDATE items SET price = 1")


async def in_pipeline(connection: Any) -> Any:
    async with connection.pipeline() as pipeline:
        first = await connection.execute(SELECT)
        await pipeline.sync()
        second = await connection.execute(ONE, (1,))
        return await first.fetchall(), await second.fetchall()


async def failing_pipeline(connection: Any) -> Any:
    async with connection.pipeline():
        await connection.execute("INSERT INTO items VALUES (1, 'secret-value', 0)")
        await connection.execute(SELECT)


async def two_phase(connection: Any) -> Any:
    await connection.tpc_begin(connection.xid(1, "g", "b"))
    await connection.tpc_commit()


async def cancelled(connection: Any) -> Any:
    task = asyncio.create_task(connection.execute("SELECT pg_sleep(20)"))
    await asyncio.sleep(0.3)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        cursor = await connection.execute("ROLLBACK")
        return connection.closed, cursor.statusmessage


async def waited_for(connection: Any) -> Any:
    await asyncio.wait_for(connection.execute("SELECT pg_sleep(20)"), 0.3)


async def terminated(connection: Any) -> Any:
    pid = connection.info.backend_pid
    await connection.execute("SELECT pg_terminate_backend(%s)", (pid,))


async def closed_connection(connection: Any) -> Any:
    cursor = connection.cursor()
    await connection.close()
    await cursor.execute(SELECT)


async def missing_argument(connection: Any) -> Any:
    await connection.cursor().execute()


def refused_connection(dsn: str) -> Any:
    del dsn
    asyncio.run(psycopg.AsyncConnection.connect("host=127.0.0.1 port=1 user=u password=secret-value connect_timeout=2"))


WAYS = tuple(
    Way(f"async: {name}", run, spans)
    for name, run, spans in (
        ("execute", in_task(execute), (Q,)),
        ("execute of a connection", in_task(on_the_connection), (Q,)),
        ("execute that fails", in_task(failing), ("INSERT items",)),
        ("executemany", in_task(executemany), ("INSERT items",)),
        ("stream", in_task(stream), (Q,)),
        ("stream, left early", in_task(stream_left), ("SELECT",)),
        ("copy, written", in_task(copy_in), ("COPY items",)),
        ("copy, read", in_task(copy_out), ("COPY items",)),
        ("sql.Composed", in_task(composed), ('SELECT "items"',)),
        ("AsyncClientCursor", in_task(execute, cursor_factory=psycopg.AsyncClientCursor), (Q,)),
        ("AsyncRawCursor", in_task(execute, cursor_factory=psycopg.AsyncRawCursor), (Q,)),
        ("own cursor", in_task(execute, cursor_factory=OwnCursor), (Q,)),
        ("row factory: dict_row", in_task(execute, row_factory=rows.dict_row), (Q,)),
        ("named cursor, fetches", in_task(named_fetches), ("DECLARE items", *["FETCH"] * 3, "CLOSE")),
        ("named cursor, iteration", in_task(named_iteration), ("DECLARE items", "FETCH", "FETCH", "MOVE", "CLOSE")),
        ("with connection", in_task(with_block), (Q, "COMMIT")),
        ("commit", in_task(commit), ("UPDATE items", "COMMIT")),
        ("transaction", in_task(transaction), ("BEGIN", "SAVEPOINT", "UPDATE items", "RELEASE", "COMMIT")),
        ("pipeline", in_task(in_pipeline), (Q, Q)),
        ("pipeline that fails", in_task(failing_pipeline), ("INSERT items", Q)),
        ("two-phase, committed at once", in_task(two_phase), ("BEGIN", "COMMIT")),
        ("task that is cancelled", in_task(cancelled), ("SELECT", "ROLLBACK")),
        ("wait_for", in_task(waited_for), ("SELECT",)),
        ("terminated", in_task(terminated), ("SELECT",)),
        ("closed connection", in_task(closed_connection), (Q,)),
        ("missing argument", in_task(missing_argument), ("OTHER",)),
        ("refused connection", refused_connection, ()),
    )
)
