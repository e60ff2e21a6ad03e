"""The private fields of asyncpg that the hooks read, held against the installed release on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest
from asyncpg import connect_utils

from otelmon.hooks.asyncpg import fields
from otelmon.hooks.asyncpg.sessions import Session, Sessions, facts_of_arguments


async def _found(dsn: str) -> dict[str, Any]:
    connection = await asyncpg.connect(dsn)
    async with connection.transaction():
        statement = await connection.prepare("SELECT 1")
        iterator = connection.cursor("SELECT n FROM generate_series(1, 2) n").__aiter__()
        before = fields.has_rows(iterator), fields.is_exhausted(iterator)
        await iterator.__anext__()
        after = fields.has_rows(iterator), fields.is_exhausted(iterator)
    found = {
        "address": fields.address_of(connection),
        "database": fields.database_of(connection),
        "connection": fields.connection_of(statement) is connection,
        "query": fields.query_of(statement),
        "before": before,
        "after": after,
    }
    await connection.close()
    return found


def test_fields_hold_what_the_hook_takes_them_for(postgres, postgres_dsn) -> None:
    """Address, database, owner, statement and buffer are where they were."""
    found = asyncio.run(_found(postgres_dsn.partition("?")[0]))
    assert found == {
        "address": ("127.0.0.1", postgres.port),
        "database": "contributors",
        "connection": True,
        "query": "SELECT 1",
        "before": (False, False),
        "after": (True, True),
    }


def test_the_function_below_connect_takes_arguments_by_name() -> None:
    """What ``connect`` was given arrives there, dsn and host among it."""
    assert asyncio.iscoroutinefunction(connect_utils._connect)
    assert {"loop", "connection_class"} <= set(connect_utils._connect.__kwdefaults__ or ()) | set(
        connect_utils._connect.__code__.co_varnames
    )


@pytest.mark.parametrize(
    ("told", "facts"),
    [
        pytest.param({"dsn": "postgres://u:p@db:5433/shop"}, ("shop", "db", 5433), id="address"),
        pytest.param({"dsn": "postgres://u:p@db:5433/shop", "port": 1, "host": "a"}, ("shop", "a", 1), id="both"),
        pytest.param({"host": "db", "database": "s%20"}, ("s%20", "db", None), id="names"),
        pytest.param({"dsn": "postgresql:///shop%20x"}, ("shop x", None, None), id="no host"),
        pytest.param({"dsn": "postgres://a:1,b:2/shop"}, ("shop", None, None), id="several hosts"),
        pytest.param({"dsn": b"x", "host": ["a", "b"], "port": [1, 2]}, (None, None, None), id="lists"),
    ],
)
def test_where_a_connection_should_have_led(told, facts) -> None:
    """Host, port and database are taken from what was given; user and password never are."""
    found = facts_of_arguments(told)
    assert (found.namespace, found.server_address, found.server_port) == facts


class _Connection:
    """Stands at the end of a socket."""

    def __init__(self, address: object) -> None:
        self._addr = address
        self._params = type("Params", (), {"database": "shop"})()

    def is_closed(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("address", "facts"),
    [
        pytest.param("/run/postgresql/.s.PGSQL.5432", ("/run/postgresql", 5432), id="socket"),
        pytest.param("/run/x", ("/run/x", None), id="socket of another name"),
        pytest.param(("::1", 5432, 0, 0), ("::1", 5432), id="IPv6"),
    ],
)
def test_address_of_a_socket(address, facts) -> None:
    """A Unix socket is told as libpq tells it: its folder, and the port in its name."""
    session = Sessions().of(_Connection(address))
    assert isinstance(session, Session)
    assert (session.facts.server_address, session.facts.server_port) == facts


def test_sessions_are_forgotten_with_their_connections() -> None:
    """Nothing is kept of a connection that is gone."""
    sessions = Sessions()
    connection = _Connection(("a", 1))
    assert sessions.of(connection) is sessions.of(connection)
    assert len(sessions) == 1
    del connection
    assert len(sessions) == 0
