"""The query id on a call is the server's; the truth is pg_stat_statements."""

from __future__ import annotations

import asyncio
import functools
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import asyncpg
import psycopg
import psycopg2
import pytest

from otelmon.hooks.asyncpg import hook as asyncpg_hook
from otelmon.hooks.psycopg import hook as psycopg_hook
from otelmon.hooks.psycopg2 import hook as psycopg2_hook
from tests.integration.diagnostics.conftest import diagnosed, events_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sql.servers import Server

ID = "otelmon.db.query_id"
# Each has a name of its own by which the server's books are searched, and takes a second.
STATEMENTS = {
    "m1": "SELECT count(*) AS m1 FROM skewed, pg_sleep(1) WHERE id < {p}",
    "m2": "SELECT s.kind AS m2, pg_sleep(1) FROM skewed s WHERE s.id = {p}",
    "m3": "WITH m3 AS (SELECT id FROM skewed WHERE id = {p}) SELECT id, pg_sleep(1) FROM m3",
    "m4": "UPDATE skewed AS m4 SET n = n + 1 FROM pg_sleep(1) WHERE id = {p}",
    "m5": "INSERT INTO skewed AS m5 SELECT 100000 + {p}, 'x', 1 FROM pg_sleep(1)",
    "m6": "DELETE FROM skewed AS m6 USING pg_sleep(1) WHERE id = 100000 + {p}",
}


def by_psycopg2(url: str) -> None:
    """Runs every statement with psycopg2."""
    with closing(psycopg2.connect(url)) as connection:
        for statement in STATEMENTS.values():
            connection.cursor().execute(statement.format(p="%s"), (5,))
        connection.rollback()


def by_psycopg(url: str, *, prepare: bool = False, factory: type = psycopg.Connection) -> None:
    """Runs every statement with psycopg 3."""
    with closing(factory.connect(url)) as connection:
        for statement in STATEMENTS.values():
            connection.execute(statement.format(p="%s"), (5,), prepare=prepare)
        assert len(connection.execute("SELECT FROM pg_prepared_statements").fetchall()) == len(STATEMENTS) * prepare
        connection.rollback()


def by_client_cursor(url: str) -> None:
    """Runs every statement with a cursor that writes values into the statement."""
    with closing(psycopg.connect(url, cursor_factory=psycopg.ClientCursor)) as connection:
        for statement in STATEMENTS.values():
            connection.execute(statement.format(p="%s"), (5,))
        connection.rollback()


def by_asyncpg(url: str) -> None:
    """Runs every statement with asyncpg, which prepares each."""

    async def run() -> None:
        connection = await asyncpg.connect(url.partition("?")[0])
        transaction = connection.transaction()
        await transaction.start()
        for statement in STATEMENTS.values():
            await connection.fetch(statement.format(p="$1::int"), 5)
        assert len(await connection.fetch("SELECT name FROM pg_prepared_statements")) == len(STATEMENTS) + 1
        await transaction.rollback()
        await connection.close()

    asyncio.run(run())


WAYS: dict[str, tuple[Any, Callable[[str], None]]] = {
    "psycopg2": (psycopg2_hook, by_psycopg2),
    "psycopg": (psycopg_hook, by_psycopg),
    "psycopg-prepared": (psycopg_hook, functools.partial(by_psycopg, prepare=True)),
    "psycopg-client": (psycopg_hook, by_client_cursor),
    "asyncpg": (asyncpg_hook, by_asyncpg),
}


def ids_of_the_server(url: str) -> dict[str, int]:
    """Returns what pg_stat_statements has, by the name in the statement."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT substring(query FROM 'm[1-9]'), queryid FROM pg_stat_statements WHERE query ~ 'm[1-9]'"
                       " AND query !~ 'pg_stat|EXPLAIN|PREPARE'")  # fmt: skip
        return dict(cursor.fetchall())


@pytest.mark.parametrize("way", WAYS)
def test_ids_are_those_of_the_server(way: str, server: Server) -> None:
    """Every slow call has an id, on its span and in its events, and it is that of pg_stat_statements."""
    hook, work = WAYS[way]
    with closing(psycopg2.connect(server.url())) as connection:
        connection.cursor().execute("SELECT pg_stat_statements_reset()")
    with diagnosed(hook) as (observation, _):
        work(server.url())
        spans = [
            each.attributes for each in observation.spans() if each.attributes and each.attributes.get("otelmon.slow")
        ]
    truth = ids_of_the_server(server.url())
    assert len(truth) == len(STATEMENTS)
    shown = {name: each.get(ID) for each in spans for name in truth if name in str(each["db.query.text"])}
    assert shown == truth
    for event in ("otelmon.db.slow", "otelmon.db.slow.running"):
        told = {
            name: each.get(ID)
            for each in events_of(observation, event)
            for name in truth
            if name in each["db.query.text"]
        }
        assert told == truth
    assert observation.registry.sessions.identified_calls()["polled"] == len(STATEMENTS)


NAP = "SELECT 1 / n AS m7, pg_sleep(n) FROM naps"


@pytest.mark.parametrize(
    ("between", "is_known"),
    [
        pytest.param(["SELECT 1", "UPDATE skewed SET n = n WHERE id = 1"], True, id="calls"),
        pytest.param(["SET search_path = public"], False, id="search_path"),
        pytest.param(["SELECT set_config('search_path', 'public', false)"], False, id="set_config"),
        pytest.param(["SET ROLE postgres"], False, id="role"),
        pytest.param(["DISCARD ALL"], False, id="discard"),
        pytest.param(["ALTER TABLE skewed ADD COLUMN IF NOT EXISTS more int"], False, id="ddl"),
    ],
)
def test_id_is_learned_and_forgotten(between: list[str], is_known: bool, server: Server) -> None:
    """A call that fails at once has the id that the very same statement had, until something may have changed it."""
    with closing(psycopg2.connect(server.url())) as owner:
        owner.autocommit = True
        owner.cursor().execute("DROP TABLE IF EXISTS naps; CREATE TABLE naps AS SELECT 1 AS n")
        with diagnosed(psycopg2_hook) as (observation, _), closing(psycopg2.connect(server.url())) as connection:
            connection.autocommit = True
            connection.cursor().execute(NAP)
            for statement in between:
                connection.cursor().execute(statement)
            owner.cursor().execute("UPDATE naps SET n = 0")
            with pytest.raises(psycopg2.errors.DivisionByZero):
                connection.cursor().execute(NAP)
        cursor = owner.cursor()
        cursor.execute("SELECT queryid FROM pg_stat_statements WHERE query LIKE '%m7%' AND query NOT LIKE '%pg_stat%'"
                       " AND userid::regrole::text = 'postgres' ORDER BY calls")  # fmt: skip
        truth = {each for (each,) in cursor.fetchall()}
    (failed,) = events_of(observation, "otelmon.db.error")
    assert (failed.get(ID) in truth) is is_known
    assert (failed.get(ID) is None) is not is_known
    assert observation.registry.sessions.identified_calls()["learned" if is_known else "unknown"] == 1


def test_threads_that_share_a_connection_get_no_wrong_id(server: Server) -> None:
    """While one statement waits for another in the driver, nobody can say whose the server's is: right or absent."""
    statements = [f"SELECT {column} AS m8, pg_sleep(0.6) FROM skewed WHERE id = 1" for column in ("id", "n", "kind")]
    with diagnosed(psycopg2_hook) as (observation, _), closing(psycopg2.connect(server.url())) as connection:
        connection.autocommit = True
        threads = [threading.Thread(target=connection.cursor().execute, args=(each,)) for each in statements * 2]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    with closing(psycopg2.connect(server.url())) as owner, owner.cursor() as cursor:
        cursor.execute("SELECT substring(query FROM 'SELECT (\\w+) AS m8'), queryid FROM pg_stat_statements"
                       " WHERE query LIKE '%m8%' AND query NOT LIKE '%pg_stat%'")  # fmt: skip
        truth = dict(cursor.fetchall())
    told = [(each["db.query.text"].split()[1], each.get(ID)) for each in events_of(observation, "otelmon.db.slow")]
    assert len(told) == len(statements) * 2
    assert [(column, shown) for column, shown in told if shown not in (None, truth[column])] == []


def test_statement_that_only_carries_another_has_no_id(server: Server) -> None:
    """A FETCH from a server-side cursor is not the statement that pg_stat_statements knows by its id."""
    with diagnosed(psycopg2_hook) as (observation, _), closing(psycopg2.connect(server.url())) as connection:
        cursor = connection.cursor("named")
        cursor.execute("SELECT pg_sleep(1)")
        cursor.fetchall()
    (told,) = events_of(observation, "otelmon.db.slow.running")
    assert (told["db.operation.name"], told["otelmon.db.wait_event"]) == ("FETCH", "PgSleep")
    assert ID not in told
