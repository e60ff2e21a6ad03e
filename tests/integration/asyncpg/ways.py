"""Every way to run SQL with asyncpg: what it does, and the spans that it must give."""

# ruff: noqa: D103 - the table at the end says what each function is
from __future__ import annotations

import asyncio
import io
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import asyncpg
from asyncpg import connect as early_bound_connect

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

SELECT = "SELECT id, name FROM items ORDER BY id"
ONE = "SELECT name FROM items WHERE id = $1"
INSERT = "INSERT INTO items VALUES ($1, $2, 0)"


class OwnConnection(asyncpg.Connection):
    """Makes one call out of another."""

    async def fetch(self, *args: Any, **options: Any) -> Any:
        """Fetches rows."""
        return [tuple(row) for row in await super().fetch(*args, **options)]

    async def names(self) -> Any:
        """Fetches names."""
        return [row["name"] for row in await super().fetch("SELECT name FROM items ORDER BY id")]


@dataclass(frozen=True)
class Way:
    """Describes one way; ``spans`` are the names of what it gives besides CONNECT and DISCONNECT, in their order."""

    name: str
    run: Callable[[str], Coroutine[Any, Any, Any]]
    spans: tuple[str, ...]


def on_connection(work: Callable[[Any], Any], **connect: Any) -> Callable[[str], Coroutine[Any, Any, Any]]:
    """Returns a way that works with one connection."""

    async def run(dsn: str) -> Any:
        connection = await asyncpg.connect(dsn, **connect)
        try:
            return await work(connection)
        finally:
            await connection.close()

    return run


def in_transaction(work: Callable[[Any], Any]) -> Callable[[str], Coroutine[Any, Any, Any]]:
    """Returns a way that works in one transaction."""

    async def run(connection: Any) -> Any:
        async with connection.transaction():
            return await work(connection)

    return on_connection(run)


def on_pool(work: Callable[[Any], Any]) -> Callable[[str], Coroutine[Any, Any, Any]]:
    """Returns a way that works with a pool of one."""

    async def run(dsn: str) -> Any:
        async with asyncpg.create_pool(dsn, min_size=1, max_size=1) as pool:
            return await work(pool)

    return run


def rows(found: Any) -> Any:
    return [tuple(row) for row in found]


async def execute(connection: Any) -> Any:
    return await connection.execute("UPDATE items SET price = 0")


async def execute_several(connection: Any) -> Any:
    return await connection.execute("UPDATE items SET price = 0; SELECT 1")


async def execute_with_arguments(connection: Any) -> Any:
    return await connection.execute(INSERT, 10, "secret-value")


async def execute_by_keyword(connection: Any) -> Any:
    return await connection.execute(query="DELETE FROM items WHERE name = 'secret-value'")


async def failing(connection: Any) -> Any:
    await connection.execute("INSERT INTO items VALUES (1, 'secret-value', 0)")


async def syntax_error(connection: Any) -> Any:
    await connection.fetch("SELECT FROM FROM")


async def wrong_argument(connection: Any) -> Any:
    await connection.fetch(ONE, "secret-value")


async def executemany(connection: Any) -> Any:
    return await connection.executemany(INSERT, [(10, "a"), (11, "b"), (12, "c")])


async def executemany_failing(connection: Any) -> Any:
    return await connection.executemany(INSERT, [(10, "a"), (10, "secret-value")])


async def executemany_by_keyword(connection: Any) -> Any:
    return await connection.executemany(command=INSERT, args=iter([(10, "a"), (11, "b")]))


async def fetch(connection: Any) -> Any:
    return rows(await connection.fetch(SELECT))


async def fetchrow(connection: Any) -> Any:
    return tuple(await connection.fetchrow(ONE, 2)), await connection.fetchrow(ONE, 99)


async def fetchval(connection: Any) -> Any:
    return await connection.fetchval(ONE, 2, column=0), await connection.fetchval(ONE, 99)


async def fetchmany(connection: Any) -> Any:
    return rows(await connection.fetchmany(INSERT + " RETURNING id", [(10, "a"), (11, "b")]))


async def prepared(connection: Any) -> Any:
    statement = await connection.prepare(ONE)
    return (
        rows(await statement.fetch(1)),
        await statement.fetchval(2),
        tuple(await statement.fetchrow(3)),
        statement.get_statusmsg(),
        [each.name for each in statement.get_attributes()],
    )


async def prepared_many(connection: Any) -> Any:
    statement = await connection.prepare(INSERT + " RETURNING id")
    found = rows(await statement.fetchmany([(10, "a"), (11, "b")]))
    return found, await statement.executemany([(12, "c"), (13, "d")])


async def prepared_failing(connection: Any) -> Any:
    statement = await connection.prepare(INSERT)
    return await statement.fetch(1, "secret-value")


async def preparation_failing(connection: Any) -> Any:
    return await connection.prepare("SELECT nothing FROM items")


async def prepared_explain(connection: Any) -> Any:
    statement = await connection.prepare(ONE)
    return len(await statement.explain(1)), len(await statement.explain(1, analyze=True))


async def cached_statement(connection: Any) -> Any:
    for _ in range(3):
        await connection.fetch(SELECT)
    return await connection.fetchval("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%items%'")


async def iteration(connection: Any) -> Any:
    return [tuple(row) async for row in connection.cursor(SELECT, prefetch=2)]


async def iteration_of_nothing(connection: Any) -> Any:
    return [tuple(row) async for row in connection.cursor(ONE, 99)]


async def iteration_of_prepared(connection: Any) -> Any:
    statement = await connection.prepare(SELECT)
    return [tuple(row) async for row in statement.cursor(prefetch=2)]


async def iteration_left(connection: Any) -> Any:
    async for row in connection.cursor(SELECT, prefetch=1):
        return tuple(row)
    return None


async def cursor(connection: Any) -> Any:
    opened = await connection.cursor(SELECT)
    return (
        await opened.forward(1),
        tuple(await opened.fetchrow()),
        rows(await opened.fetch(5)),
        await opened.fetch(5),
        await opened.fetchrow(),
    )


async def cursor_of_prepared(connection: Any) -> Any:
    statement = await connection.prepare(ONE)
    opened = await statement.cursor(2)
    return rows(await opened.fetch(5))


async def cursor_outside_of_a_transaction(connection: Any) -> Any:
    return [row async for row in connection.cursor(SELECT)]


async def copy_from_table(connection: Any) -> Any:
    file = io.BytesIO()
    return await connection.copy_from_table("items", output=file, columns=("id",)), file.getvalue()


async def copy_from_query(connection: Any) -> Any:
    file = io.BytesIO()
    status = await connection.copy_from_query("SELECT id FROM items WHERE name <> $1", "secret-value", output=file)
    return status, file.getvalue()


async def copy_to_table(connection: Any) -> Any:
    return await connection.copy_to_table("items", source=io.BytesIO(b"30\tthirty\t1\n"), schema_name="public")


async def copy_records(connection: Any) -> Any:
    return await connection.copy_records_to_table("items", records=[(40, "forty", 1), (41, "forty-one", 1)])


async def copy_failing(connection: Any) -> Any:
    return await connection.copy_records_to_table("items", records=[(1, "secret-value", 1)])


async def transaction(connection: Any) -> Any:
    async with connection.transaction(isolation="serializable", readonly=True):
        return await connection.fetchval(ONE, 1)


async def failing_transaction(connection: Any) -> Any:
    async with connection.transaction():
        await connection.execute("UPDATE items SET price = 0")
        raise LookupError("the application's own")


async def nested_transactions(connection: Any) -> Any:
    async with connection.transaction():
        with suppress(LookupError):
            async with connection.transaction():
                raise LookupError
        async with connection.transaction():
            return await connection.fetchval(ONE, 1)


async def explicit_transaction(connection: Any) -> Any:
    begun = connection.transaction()
    await begun.start()
    await begun.rollback()
    await begun.rollback()


async def reset(connection: Any) -> Any:
    await connection.execute("SET search_path = pg_catalog")
    await connection.reset(timeout=5)
    return await connection.fetchval("SHOW search_path")


async def listeners(connection: Any) -> Any:
    heard = asyncio.get_running_loop().create_future()

    def hear(*given: Any) -> None:
        heard.set_result(given[2:])

    await connection.add_listener("channel", hear)
    await connection.execute("NOTIFY channel, 'secret-value'")
    told = await asyncio.wait_for(heard, 5)
    await connection.remove_listener("channel", hear)
    return told


async def timed_out(connection: Any) -> Any:
    await connection.fetch("SELECT pg_sleep(10)", timeout=0.3)


async def command_timed_out(connection: Any) -> Any:
    await connection.execute("SELECT pg_sleep(10)")


async def cancelled(connection: Any) -> Any:
    task = asyncio.ensure_future(connection.fetch("SELECT pg_sleep(10)"))
    await asyncio.sleep(0.3)
    task.cancel()
    await task


async def waited_for(connection: Any) -> Any:
    await asyncio.wait_for(connection.fetch("SELECT pg_sleep(10)"), 0.3)


async def two_at_once(connection: Any) -> Any:
    slow = asyncio.ensure_future(connection.fetchval("SELECT 1 FROM pg_sleep(0.3)"))
    await asyncio.sleep(0.1)
    try:
        await connection.fetch(SELECT)
    except asyncpg.InterfaceError as error:
        return str(error), await slow
    return None


async def closed_connection(connection: Any) -> Any:
    await connection.close()
    await connection.fetch(SELECT)


async def prepared_on_a_closed_connection(connection: Any) -> Any:
    statement = await connection.prepare(ONE)
    await connection.close()
    await statement.fetch(1)


async def missing_argument(connection: Any) -> Any:
    await connection.fetch()


async def own_class(connection: Any) -> Any:
    return await connection.fetch(ONE, 1), await connection.names()


async def json_codec(connection: Any) -> Any:
    await connection.set_type_codec("json", schema="pg_catalog", encoder=str, decoder=len)
    return await connection.fetchval("SELECT '[1,2]'::json")


async def query_logger(connection: Any) -> Any:
    seen = []
    with connection.query_logger(lambda record: seen.append(record.query)):
        await connection.fetch(ONE, 1)
        await asyncio.sleep(0)
    return seen


async def pooled(pool: Any) -> Any:
    async with pool.acquire() as connection:
        return rows(await connection.fetch(SELECT))


async def pool_itself(pool: Any) -> Any:
    return await pool.fetchval(ONE, 1), rows(await pool.fetch(ONE, 2))


async def early(dsn: str) -> Any:
    connection = await early_bound_connect(dsn)
    found = await connection.fetchval(ONE, 1)
    await connection.close()
    return found


async def refused_connection(dsn: str) -> Any:
    del dsn
    await asyncpg.connect("postgres://u:secret-value@127.0.0.1:1/shop", timeout=2)


async def terminated(dsn: str) -> Any:
    connection = await asyncpg.connect(dsn)
    connection.terminate()
    await connection.fetch(SELECT)


Q = "SELECT items"
WAYS = (
    Way("execute", on_connection(execute), ("UPDATE items",)),
    Way("execute several", on_connection(execute_several), ("UPDATE items",)),
    Way("execute with arguments", on_connection(execute_with_arguments), ("INSERT items",)),
    Way("execute by keyword", on_connection(execute_by_keyword), ("DELETE items",)),
    Way("execute that fails", on_connection(failing), ("INSERT items",)),
    Way("statement that cannot be read", on_connection(syntax_error), ("SELECT",)),
    Way("argument of another type", on_connection(wrong_argument), (Q,)),
    Way("executemany", on_connection(executemany), ("INSERT items",)),
    Way("executemany that fails", on_connection(executemany_failing), ("INSERT items",)),
    Way("executemany by keyword", on_connection(executemany_by_keyword), ("INSERT items",)),
    Way("fetch", on_connection(fetch), (Q,)),
    Way("fetchrow", on_connection(fetchrow), (Q, Q)),
    Way("fetchval", on_connection(fetchval), (Q, Q)),
    Way("fetchmany", on_connection(fetchmany), ("INSERT items",)),
    Way("prepared statement", on_connection(prepared), ("PREPARE items", Q, Q, Q)),
    Way("prepared statement, many", on_connection(prepared_many), ("PREPARE items", "INSERT items", "INSERT items")),
    Way("prepared statement that fails", on_connection(prepared_failing), ("PREPARE items", "INSERT items")),
    Way("preparation that fails", on_connection(preparation_failing), ("PREPARE items",)),
    Way(
        "prepared statement, explained",
        on_connection(prepared_explain),
        ("PREPARE items", "EXPLAIN items", "BEGIN", "EXPLAIN items", "ROLLBACK"),
    ),
    Way("cache of statements", on_connection(cached_statement), (Q, Q, Q, "SELECT pg_prepared_statements")),
    Way("cursor, iteration", in_transaction(iteration), ("BEGIN", "FETCH items", "FETCH items", "COMMIT")),
    Way("cursor, iteration of nothing", in_transaction(iteration_of_nothing), ("BEGIN", "FETCH items", "COMMIT")),
    Way(
        "cursor, iteration of a prepared statement",
        in_transaction(iteration_of_prepared),
        ("BEGIN", "PREPARE items", "FETCH items", "FETCH items", "COMMIT"),
    ),
    Way("cursor, iteration left early", in_transaction(iteration_left), ("BEGIN", "FETCH items", "COMMIT")),
    Way(
        "cursor, fetches",
        in_transaction(cursor),
        ("BEGIN", "DECLARE items", "MOVE items", "FETCH items", "FETCH items", "COMMIT"),
    ),
    Way(
        "cursor of a prepared statement",
        in_transaction(cursor_of_prepared),
        ("BEGIN", "PREPARE items", "DECLARE items", "FETCH items", "COMMIT"),
    ),
    Way("cursor outside of a transaction", on_connection(cursor_outside_of_a_transaction), ("FETCH items",)),
    Way("copy_from_table", on_connection(copy_from_table), ("COPY items",)),
    Way("copy_from_query", on_connection(copy_from_query), ("COPY items",)),
    Way("copy_to_table", on_connection(copy_to_table), ("COPY public.items",)),
    Way("copy_records_to_table", on_connection(copy_records), ("COPY items",)),
    Way("COPY that fails", on_connection(copy_failing), ("COPY items",)),
    Way("transaction", on_connection(transaction), ("BEGIN", Q, "COMMIT")),
    Way("transaction, failing", on_connection(failing_transaction), ("BEGIN", "UPDATE items", "ROLLBACK")),
    Way(
        "transactions, nested",
        on_connection(nested_transactions),
        ("BEGIN", "SAVEPOINT", "ROLLBACK", "SAVEPOINT", Q, "RELEASE", "COMMIT"),
    ),
    Way("transaction, ended twice", on_connection(explicit_transaction), ("BEGIN", "ROLLBACK")),
    Way("reset", on_connection(reset), ("SET", "RESET", "SHOW")),
    Way("listeners", on_connection(listeners), ("LISTEN", "NOTIFY", "UNLISTEN")),
    Way("time limit of a call", on_connection(timed_out), ("SELECT",)),
    Way("time limit of a connection", on_connection(command_timed_out, command_timeout=0.3), ("SELECT",)),
    Way("task that is cancelled", on_connection(cancelled), ("SELECT",)),
    Way("wait_for", on_connection(waited_for), ("SELECT",)),
    Way("two calls at once", on_connection(two_at_once), (Q, "SELECT")),
    Way("closed connection", on_connection(closed_connection), (Q,)),
    Way(
        "prepared statement of a closed connection",
        on_connection(prepared_on_a_closed_connection),
        ("PREPARE items", Q),
    ),
    Way("missing argument", on_connection(missing_argument), ("OTHER",)),
    Way("own connection class", on_connection(own_class, connection_class=OwnConnection), (Q, Q)),
    Way("codec of a type", on_connection(json_codec), ("SELECT",)),
    Way("query logger", on_connection(query_logger), (Q,)),
    Way("pool", on_pool(pooled), (Q, "RESET")),
    Way("pool, called itself", on_pool(pool_itself), (Q, "RESET", Q, "RESET")),
    Way("connect bound early", early, (Q,)),
    Way("refused connection", refused_connection, ()),
    Way("terminated connection", terminated, (Q,)),
)
