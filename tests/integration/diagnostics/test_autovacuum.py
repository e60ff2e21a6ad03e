"""Workers of autovacuum are no connections of clients: the diagnostics connection does not go because of them."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg2
import pytest

from demo.parts import postgres
from demo.parts.supervisor import Supervisor
from otelmon.diagnostics import admission
from otelmon.diagnostics.links import open_link
from otelmon.registry.database_sessions import DatabaseTarget
from tests.integration.diagnostics.conftest import wait_for
from tests.sql import servers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from otelmon.diagnostics.links import Link
    from tests.sql.servers import Server

# Due with its first dead row, and so slow that it lasts for minutes: a tenth of a second for each page.
SLOWLY_VACUUMED = """
CREATE TABLE dirty (n int) WITH (
  autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1
);
INSERT INTO dirty SELECT generate_series(1, 200000);
DELETE FROM dirty;
"""
WORKERS = "SELECT pid, usesysid FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' AND query LIKE '%dirty%'"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Yields a server with roles that see much and little, and a worker of autovacuum at work."""
    supervisor = Supervisor(tmp_path_factory.mktemp("vacuumed"))
    options = {"autovacuum": "on", "autovacuum_naptime": "1s", "max_connections": "30"}
    try:
        running = servers.start(supervisor, servers.chosen()[0], options)
        with postgres.administration(running.url()) as cursor:
            for role, membership in (("weak", ""), ("strong", "IN ROLE pg_read_all_stats")):
                cursor.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{servers.PASSWORD}' {membership}")
        with closing(psycopg2.connect(running.url())) as client, client.cursor() as cursor:
            cursor.execute(SLOWLY_VACUUMED)
            client.commit()
        yield running
    finally:
        supervisor.stop()


def workers(server: Server) -> list[tuple[int, int | None]]:
    """Returns the number and the role of each that vacuums the table."""
    with postgres.administration(server.url()) as cursor:
        cursor.execute(WORKERS)
        return list(cursor.fetchall())


def free(link: Link) -> int:
    """Returns how many connections the server would still take."""
    return int(json.loads(link.ask(admission._SLOTS.encode()) or "{}")["server"])


@pytest.mark.parametrize("user", ["postgres", "strong", "weak"])
def test_a_worker_takes_no_slot(server: Server, user: str) -> None:
    """It is seen in pg_stat_activity with the database it works in, and takes none of max_connections."""
    working = wait_for(lambda: workers(server))
    server.wait_until_quiet()
    parameters = {
        "host": "127.0.0.1", "port": str(server.port), "user": user, "dbname": "postgres",
        "password": servers.PASSWORD,
    }  # fmt: skip
    with closing(open_link(DatabaseTarget("psycopg2", parameters))) as link:
        server.wait_until_quiet(beside=1)
        # max_connections 30, of which 3 are the superuser's and one is this link's.
        assert free(link) == 30 - 3 - 1
    assert workers(server) == working
