"""A server for the tests of sql/, a database of its own for each test, and ways to act as owner and reader.

The server is the one of the machine. OTELMON_TEST_POSTGRES names others that npm brings, such as ``14,15,16,17,18``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from demo.parts.supervisor import Supervisor
from otelmon.operate.sql.install import install
from tests.sql import servers
from tests.sql.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHOSEN = servers.chosen()
TEMPLATE = "installed"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks every test of this folder as one that needs a server."""
    for item in items:
        if "/tests/sql/" in item.path.as_posix():
            item.add_marker(pytest.mark.parts)


@pytest.fixture(scope="session", params=CHOSEN, ids=[f"postgresql-{major or 'here'}" for major in CHOSEN])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    """Runs a server with pg_stat_statements preloaded, and a database with the schema in it."""
    folder: Path = tmp_path_factory.mktemp("server")
    supervisor = Supervisor(folder)
    try:
        running = servers.start(supervisor, request.param)
        with psycopg.connect(running.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {TEMPLATE}")
        with psycopg.connect(running.url(TEMPLATE), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION pg_stat_statements")
        install(running.url(TEMPLATE))
        with psycopg.connect(running.url(TEMPLATE), autocommit=True) as connection:
            for role in ("otelmon_reader", "otelmon_recorder"):
                connection.execute(f"ALTER ROLE {role} PASSWORD '{servers.PASSWORD}'")
        yield running
    finally:
        supervisor.stop()


@pytest.fixture
def database(server: servers.Server) -> Iterator[Database]:
    """Gives a fresh database with extension and schema."""
    with Database.made(server, TEMPLATE) as made:
        yield made


@pytest.fixture
def bare(server: servers.Server) -> Iterator[Database]:
    """Gives a fresh database without extension and schema."""
    with Database.made(server, "template1") as made:
        yield made
