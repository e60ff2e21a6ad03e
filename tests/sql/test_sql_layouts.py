"""Servers of another kind: no superuser as at a provider, and pg_stat_statements not preloaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from demo.parts.supervisor import Supervisor
from otelmon.operate.errors import OperateError
from otelmon.operate.sql import use
from otelmon.operate.sql.install import install, uninstall
from otelmon.operate.sql.verify import verify
from tests.sql import servers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.sql.servers import Server

ADMINISTRATION = f"""
CREATE ROLE provider LOGIN CREATEROLE CREATEDB PASSWORD '{servers.PASSWORD}';
GRANT pg_monitor TO provider;
"""
LAYOUT = """
CREATE SCHEMA extensions;
GRANT USAGE ON SCHEMA extensions TO provider WITH GRANT OPTION;
CREATE EXTENSION pg_stat_statements SCHEMA extensions;
"""


@pytest.fixture(scope="module", params=servers.chosen())
def other_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Runs a server on which otelmon never was; pg_stat_statements is not preloaded."""
    supervisor = Supervisor(tmp_path_factory.mktemp("other"))
    try:
        running = servers.start(supervisor, request.param, {"shared_preload_libraries": ""})
        with psycopg.connect(running.url(), autocommit=True) as connection:
            connection.execute(ADMINISTRATION.encode())
        yield running
    finally:
        supervisor.stop()


@pytest.fixture
def provider(other_server: Server) -> Iterator[str]:
    """Gives a database of a role that is no superuser, with extensions in a schema of their own; removes the roles."""
    with psycopg.connect(other_server.url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE app OWNER provider")
    with psycopg.connect(other_server.url("app"), autocommit=True) as connection:
        connection.execute(LAYOUT.encode())
    yield other_server.url("app", "provider")
    with psycopg.connect(other_server.url(), autocommit=True) as connection:
        connection.execute("DROP DATABASE app WITH (FORCE)")
        connection.execute("DROP ROLE IF EXISTS otelmon_reader, otelmon_recorder")


def grant_pg_monitor(server: Server) -> None:
    """Does what the warning asks an administrator for."""
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("GRANT pg_monitor TO otelmon_reader, otelmon_recorder")


def test_no_superuser_is_needed(other_server: Server, provider: str) -> None:
    """The owner of a database who may create roles installs, verifies and removes; what he may not grant is named."""
    outcome = install(provider)
    # Since 16 only who has it with ADMIN OPTION may grant pg_monitor.
    expected = 2 if other_server.major >= 16 else 0
    assert len([warning for warning in outcome.warnings if "may not grant pg_monitor" in warning]) == expected
    grant_pg_monitor(other_server)
    checks = {check.name: check for check in verify(provider, 60, 60)}
    assert checks["otelmon_reader"].verdict == "ok"
    bad = {name for name, check in checks.items() if check.verdict != "ok"}
    assert bad == {"statements", "slow_statements", "statement_totals"}
    assert [warning.split(":")[0] for warning in install(provider).warnings] == ["pg_stat_statements is not preloaded"]
    assert uninstall(provider).warnings == ()


def test_missing_pg_monitor_is_denied_and_not_empty(other_server: Server, provider: str) -> None:
    """Without pg_monitor the reader's verdict is denied, and figures of connections are unknown instead of zero."""
    install(provider)
    with psycopg.connect(other_server.url("app"), autocommit=True) as connection:
        connection.execute("REVOKE pg_monitor FROM otelmon_reader")
        checks = {check.name: check for check in verify(provider, 60, 60)}
        assert checks["otelmon_reader"].verdict == "denied"
        assert checks["statements"].verdict == "denied"
        connection.execute("SET ROLE otelmon_reader")
        query = "SELECT total_connections, idle_connections, utilization_ratio FROM otelmon.connections"
        assert connection.execute(query).fetchall() == [(None, None, None)]
        states = {row[0] for row in connection.execute("SELECT state FROM otelmon.sessions").fetchall()}
        assert states <= {"denied"}


def test_not_preloaded_is_said_so(provider: str) -> None:
    """An extension that is created but not preloaded is told from a missing one, with what to do."""
    install(provider)
    table = use.show(provider, "extensions", 10)
    found = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    state = next(row for row in found if row["extension_name"] == "pg_stat_statements")
    assert (state["state"], state["schema_name"]) == ("not preloaded", "extensions")
    assert "shared_preload_libraries" in str(state["remedy"])
    with pytest.raises(OperateError, match="must be loaded via"):
        use.show(provider, "statements", 10)


def test_failed_snapshot_leaves_nothing_and_says_why(other_server: Server, provider: str) -> None:
    """A snapshot that cannot read statements fails as a whole, with the reason."""
    install(provider)
    grant_pg_monitor(other_server)
    with pytest.raises(OperateError, match="must be loaded via"):
        use.snapshot(provider, 30)
    assert use.show(provider, "snapshots", 10).rows == ()


def test_roles_have_no_password(other_server: Server, provider: str) -> None:
    """Both roles are made without a password and with nothing but a login and a connection limit."""
    install(provider)
    query = """SELECT rolname, rolpassword IS NULL, rolcanlogin, rolconnlimit, rolsuper OR rolcreaterole OR rolcreatedb
        OR rolreplication OR rolbypassrls FROM pg_authid WHERE rolname LIKE 'otelmon%' ORDER BY 1"""
    with psycopg.connect(other_server.url(), autocommit=True) as connection:
        rows = connection.execute(query).fetchall()
    assert rows == [("otelmon_reader", True, True, 2, False), ("otelmon_recorder", True, True, 2, False)]


@pytest.mark.parametrize("major", servers.chosen())
def test_standby_answers_every_view(major: str, tmp_path: Path) -> None:
    """On a server in recovery every view is ok, and says of unused indexes that the primary must be asked."""
    supervisor = Supervisor(tmp_path)
    try:
        running = servers.start(supervisor, major)
        with psycopg.connect(running.url(), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION pg_stat_statements")
            connection.execute("CREATE TABLE item (id integer)")
            connection.execute("CREATE INDEX by_id ON item (id)")
        install(running.url())
        running.restart_as_standby()
        assert {check.verdict for check in verify(running.url(), 60, 60)} == {"ok"}
        assert use.show(running.url(), "recovery", 1).rows[0][0] is True
        assert "this server is a standby: ask the primary too" in use.show(running.url(), "unused_indexes", 9).rows[0]
        with pytest.raises(OperateError, match="standby or read-only; use the primary"):
            use.snapshot(running.url(), 30)
    finally:
        supervisor.stop()
