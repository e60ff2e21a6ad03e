"""A server of its own for the observer, which stops, freezes and refuses as a test asks, and an observer to watch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from demo.parts.supervisor import Supervisor
from otelmon.operate.sql.install import install
from tests.integration.observe.watching import Watching
from tests.sql import servers
from tests.sql.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TEMPLATE = "installed"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks every test of this folder as one that needs a server."""
    for item in items:
        if "/tests/integration/observe/" in item.path.as_posix():
            item.add_marker(pytest.mark.parts)


def prepared(running: servers.Server) -> servers.Server:
    """Installs the schema into a database of a server and lets the reader in."""
    with psycopg.connect(running.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
    with psycopg.connect(running.url(TEMPLATE), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_stat_statements")
    install(running.url(TEMPLATE))
    with psycopg.connect(running.url(TEMPLATE), autocommit=True) as connection:
        connection.execute(f"ALTER ROLE otelmon_reader PASSWORD '{servers.PASSWORD}'")
    return running


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    """Runs a server with pg_stat_statements preloaded, and a database with the schema in it."""
    supervisor = Supervisor(tmp_path_factory.mktemp("observed"))
    try:
        yield prepared(servers.start(supervisor))
    finally:
        supervisor.stop()


@pytest.fixture
def database(server: servers.Server) -> Iterator[Database]:
    """Gives a fresh database with extension and schema."""
    with Database.made(server, TEMPLATE) as made:
        yield made


@pytest.fixture
def watch() -> Iterator[Callable[[str], Watching]]:
    """Gives a function that starts an observer of a database; all are stopped at the end."""
    started: list[Watching] = []

    def begin(url: str) -> Watching:
        started.append(Watching(url))
        return started[-1]

    yield begin
    for each in started:
        each.stop()
