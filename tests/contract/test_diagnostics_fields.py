"""What diagnostics read of psycopg and asyncpg without a public name, held against the releases."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import asyncpg
import psycopg
import pytest

from otelmon.hooks.asyncpg import fields as asyncpg_fields
from otelmon.hooks.local_port import local_port, port_of
from otelmon.hooks.psycopg import fields as psycopg_fields
from otelmon.registry.sent_statement import SentStatement


@pytest.mark.parametrize(
    ("factory", "options", "sent"),
    [
        pytest.param(psycopg.Cursor, {}, SentStatement(b"SELECT $1", (b"\x00\x07",), (21,), (1,)), id="plain"),
        pytest.param(psycopg.ClientCursor, {}, SentStatement(b"SELECT 7"), id="client"),
        pytest.param(psycopg.Cursor, {"prepare": True}, SentStatement(b"", is_prepared=True), id="prepared"),
    ],
)
def test_what_psycopg_sent(factory: Any, options: dict[str, Any], sent: SentStatement, postgres_dsn: str) -> None:
    """Text, parameters and types are those of the message; of a prepared statement nothing is kept."""
    with psycopg.connect(postgres_dsn) as connection:
        cursor = factory(connection)
        cursor.execute("SELECT %s", (7,), **options)
        assert psycopg_fields.sent_by(cursor) == sent


async def _asyncpg(dsn: str) -> tuple[dict[str, str] | None, int | None]:
    connection = await asyncpg.connect(dsn)
    found = asyncpg_fields.parameters_of(connection), port_of(asyncpg_fields.socket_name_of(connection))
    port = await connection.fetchval("SELECT inet_client_port()")
    await connection.close()
    assert found[1] == port
    return found


def test_how_asyncpg_connected(postgres: Any, postgres_dsn: str) -> None:
    """The parameters suffice for libpq to connect as the same role, and the port is that of the socket."""
    parameters, _ = asyncio.run(_asyncpg(postgres_dsn.partition("?")[0]))
    assert parameters is not None
    with psycopg.connect(host="127.0.0.1", port=postgres.port, **parameters) as connection:
        assert connection.execute("SELECT current_user").fetchall() == [("contributors",)]
        assert connection.execute("SELECT inet_client_port()").fetchall() == [(local_port(connection.fileno()),)]


@pytest.mark.parametrize("told", [{"server_settings": {"a": "b"}}, {"password": lambda: "p"}], ids=["settings", "call"])
def test_what_libpq_cannot_be_told(told: dict[str, Any]) -> None:
    """Settings of the session, and passwords made anew for each connection, have no place in its parameters."""
    known = {"user": "u", "password": "p", "database": "d", "sslmode": None, "server_settings": {}, **told}
    assert asyncpg_fields.parameters_of(SimpleNamespace(_params=SimpleNamespace(**known))) is None


def test_socket_without_a_port() -> None:
    """A Unix socket has none."""
    assert port_of("/run/postgresql/.s.PGSQL.5432") is None
