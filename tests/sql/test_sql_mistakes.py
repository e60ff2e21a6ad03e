"""Mistakes that an earlier monitoring of this kind made in SQL and privileges, each by its number, and not made here.

The numbers: 1 never executed, 2 reset that does not reset, 3 failure that leaves nothing, 4 means of means, 5 databases
and own statements mixed, 6 share of connections without the reserved ones, 7 idle in transaction not counted,
8 unportable, 9 tested as superuser only, 10 readable by everybody, 11 literals of utility statements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from otelmon.operate.cli.main import main
from otelmon.operate.sql import files, use
from otelmon.operate.sql.install import install
from otelmon.operate.sql.verify import verify
from tests.sql.database import READER
from tests.sql.servers import PASSWORD

if TYPE_CHECKING:
    from tests.sql.database import Database


def test_mistake_1_every_view_is_executed(database: Database) -> None:
    """Every view of this server version runs as the reader and is ok."""
    verdicts = {check.name: check.verdict for check in verify(database.url(), 60, 60)}
    assert verdicts == dict.fromkeys(["schema", "otelmon_reader", *files.views(database.server.major)], "ok")


def test_mistake_2_a_reset_resets_this_database_and_no_other(database: Database, bare: Database) -> None:
    """After a reset the statements of this database are gone, those of another are still there."""
    other = (
        f"SELECT count(*) FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE datname = '{bare.name}'"
    )
    bare.rows("SELECT 1 AS of_the_other")
    database.rows("SELECT 1 AS of_this_one")
    use.reset(database.url())
    texts = [query for (query,) in database.rows("SELECT query FROM otelmon.statements")]
    assert [text for text in texts if text and "of_this_one" in text] == []
    assert database.value(other) >= 1


def test_mistake_2_a_refused_reset_is_no_success(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    """Who may not reset is told so, with the exit code of what could not run."""
    assert main(["sql", "reset", "--yes", "--dsn", database.url(READER)]) == 2
    assert "not permitted: permission denied for function reset_statements" in capsys.readouterr().err


def test_mistake_3_a_failed_snapshot_is_reported_and_leaves_no_part(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    """A snapshot whose extension was dropped fails with the reason, and no half of it stays."""
    database.rows("DROP EXTENSION pg_stat_statements")
    assert main(["sql", "snapshot", "--dsn", database.url()]) == 2
    assert "pg_stat_statements is missing in database" in capsys.readouterr().err
    assert database.value("SELECT count(*) FROM otelmon.snapshots") == 0


def test_mistake_4_totals_of_statements_are_weighted(database: Database) -> None:
    """The mean over statements is total time by all calls."""
    database.rows("CREATE TABLE item (id integer)")
    use.reset(database.url())
    for _ in range(20):
        database.rows("SELECT count(*) FROM item")
    database.rows("SELECT pg_sleep(0.2)")
    query = (
        f"SELECT calls, mean_exec_time_seconds FROM otelmon.statement_totals WHERE database_name = '{database.name}'"
    )
    total, calls = 0.0, 0
    for each_total, each_calls in database.rows("SELECT total_exec_time_seconds, calls FROM otelmon.statements"):
        total, calls = total + each_total, calls + each_calls
    found_calls, mean = database.rows(query)[0]
    assert (found_calls, mean) == (calls, pytest.approx(total / calls))
    assert mean < 0.2 / 2


def test_mistake_5_neither_other_databases_nor_own_statements_are_mixed_in(database: Database, bare: Database) -> None:
    """Only statements of this database's applications show: not those of others, of the reader, or of the views."""
    bare.rows("SELECT 1 AS of_the_other_database")
    database.rows("SELECT 1 AS of_the_application")
    database.rows("SELECT 1 AS of_the_reader", READER)
    use.snapshot(database.url(), 30)
    database.rows("SELECT count(*) FROM otelmon.locks")
    texts = " ".join(str(query) for (query,) in database.rows("SELECT query FROM otelmon.statements"))
    found = {
        name: name in texts for name in ("of_the_application", "of_the_reader", "of_the_other_database", "otelmon")
    }
    assert found == {
        "of_the_application": True,
        "of_the_reader": False,
        "of_the_other_database": False,
        "otelmon": False,
    }


def test_mistake_6_utilization_leaves_reserved_connections_out(database: Database) -> None:
    """The share is measured against what applications can have."""
    query = (
        "SELECT total_connections, max_connections, reserved_connections, utilization_ratio FROM otelmon.connections"
    )
    total, most, reserved, ratio = database.rows(query, READER)[0]
    assert (most, reserved) == (60, 3)
    assert ratio == pytest.approx(total / 57)


def test_mistake_7_idle_in_transaction_is_counted_and_states_add_up(database: Database) -> None:
    """The total is the sum of its parts, an open idle transaction among them."""
    database.connect().execute("BEGIN")
    query = """SELECT total_connections, active_connections, idle_connections, idle_in_transaction_connections,
        other_connections FROM otelmon.connections"""
    total, *parts = database.rows(query, READER)[0]
    assert total == sum(parts)
    assert parts[2] == 1


def test_mistake_8_nothing_but_postgresql_is_needed(bare: Database) -> None:
    """No other extension and no role of a provider is asked for; nothing is put outside the schema."""
    install(bare.url())
    assert bare.rows("SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'") == []
    outside = """SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'otelmon')"""
    assert bare.value(outside) == 0


def test_mistake_9_a_role_without_rights_is_denied_and_not_shown_zeros(database: Database) -> None:
    """A role that may read the views but not the statistics gets an error or no figure, never a plausible zero."""
    role = f"half_{database.name}"
    database.rows(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'; GRANT USAGE ON SCHEMA otelmon TO {role}")
    database.rows(f"GRANT SELECT ON ALL TABLES IN SCHEMA otelmon TO {role}")
    database.rows(f"GRANT EXECUTE ON FUNCTION otelmon.read_statements(), otelmon.read_statements_info() TO {role}")
    try:
        for view in ("statements", "slow_statements", "statement_totals"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="may not read the statistics of others"):
                database.rows(f"SELECT * FROM otelmon.{view}", role)
        query = "SELECT total_connections, active_connections, utilization_ratio FROM otelmon.connections"
        assert database.rows(query, role) == [(None, None, None)]
        state = "SELECT state FROM otelmon.extensions WHERE extension_name = 'pg_stat_statements'"
        assert database.value(state, role) == "denied"
    finally:
        database.rows(f"DROP OWNED BY {role}; DROP ROLE {role}")


def test_mistake_10_public_has_no_right_at_all(database: Database) -> None:
    """No table, view, function or schema of otelmon is open to everybody."""
    query = """SELECT 'schema' WHERE has_schema_privilege('public', 'otelmon', 'USAGE')
        UNION ALL SELECT relname FROM pg_class WHERE relnamespace = 'otelmon'::regnamespace AND relkind IN ('r', 'v')
            AND has_table_privilege('public', oid, 'SELECT, INSERT, UPDATE, DELETE')
        UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'otelmon'::regnamespace
            AND has_function_privilege('public', oid, 'EXECUTE')"""
    assert database.rows(query) == []


def test_mistake_11_utility_statements_show_no_literal(database: Database) -> None:
    """A password in a utility statement is in pg_stat_statements and in no text of ours; the setting is advised."""
    database.rows(f"CREATE ROLE literal_{database.name} PASSWORD 'plain-as-day'")
    try:
        kept = "SELECT count(*) FROM pg_stat_statements WHERE query LIKE '%plain-as-day%'"
        assert database.value(kept) == 1
        shown = "SELECT count(*) FROM otelmon.statements WHERE query LIKE '%plain-as-day%'"
        assert database.value(shown) == 0
        kind = "SELECT count(*) > 0 FROM otelmon.statements WHERE statement_kind = 'CREATE' AND query IS NULL"
        assert database.value(kind)
        advice = "SELECT advice FROM otelmon.settings WHERE setting_name = 'pg_stat_statements.track_utility'"
        assert "passwords included" in database.value(advice, READER)
    finally:
        database.rows(f"DROP ROLE literal_{database.name}")
