"""What the reader may not do, what strangers may not see, and what no view shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from otelmon.operate.sql import files
from tests.sql.database import READER, RECORDER, Database
from tests.sql.servers import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sql.servers import Server

FORBIDDEN = {
    "read a table": "SELECT * FROM shop.item",
    "count a table": "SELECT count(*) FROM shop.item",
    "read through a subquery": "SELECT (SELECT id FROM shop.item LIMIT 1)",
    "insert": "INSERT INTO shop.item VALUES (1)",
    "update": "UPDATE shop.item SET id = 1",
    "delete": "DELETE FROM shop.item",
    "truncate": "TRUNCATE shop.item",
    "lock a table": "BEGIN; LOCK TABLE shop.item IN ACCESS EXCLUSIVE MODE",
    "drop a table": "DROP TABLE shop.item",
    "alter a table": "ALTER TABLE shop.item ADD COLUMN x integer",
    "create in a schema": "CREATE TABLE shop.other (id integer)",
    "create in the schema otelmon": "CREATE TABLE otelmon.other (id integer)",
    "create a schema": "CREATE SCHEMA other",
    "create a database": "CREATE DATABASE other",
    "drop a database": "DROP DATABASE template1",
    "create a role": "CREATE ROLE other",
    "become superuser": "ALTER ROLE otelmon_reader SUPERUSER",
    "raise its own limit": "ALTER ROLE otelmon_reader CONNECTION LIMIT 50",
    "change another role": "ALTER ROLE postgres PASSWORD 'x'",
    "act as the owner": "SET ROLE postgres",
    "act as the recorder": "SET ROLE otelmon_recorder",
    "change its session": "SET SESSION AUTHORIZATION postgres",
    "grant": "GRANT SELECT ON shop.item TO otelmon_reader",
    "grant membership": "GRANT pg_read_all_data TO otelmon_reader",
    "read passwords": "SELECT rolpassword FROM pg_authid",
    "read statistics of columns": "SELECT * FROM pg_statistic",
    "read mappings": "SELECT umoptions FROM pg_user_mapping",
    "read a file": "SELECT pg_read_file('postgresql.conf')",
    "list a directory": "SELECT pg_ls_dir('.')",
    "read a file by COPY": "COPY otelmon.alert_history FROM '/etc/passwd'",
    "write a file": "COPY (SELECT 1) TO '/nonexistent/file'",
    "run a program": "COPY (SELECT 1) TO PROGRAM 'true'",
    "end a session": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres'",
    "cancel a statement": "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres'",
    "reload the configuration": "SELECT pg_reload_conf()",
    "change the configuration": "ALTER SYSTEM SET work_mem = '1GB'",
    "switch the log": "SELECT pg_switch_wal()",
    "make a slot": "SELECT pg_create_physical_replication_slot('stolen')",
    "reset statistics": "SELECT pg_stat_reset()",
    "reset statements": "SELECT public.pg_stat_statements_reset()",
    "reset statements by our function": "SELECT otelmon.reset_statements()",
    "take a snapshot": "SELECT otelmon.take_snapshot()",
    "prune the history": "SELECT otelmon.prune_history()",
    "write the history": "DELETE FROM otelmon.snapshot_history",
    "write alerts": "INSERT INTO otelmon.alert_history (alert_type) VALUES ('slow_query')",
    "change a view": "CREATE OR REPLACE VIEW otelmon.locks AS SELECT 1",
    "make an extension": "CREATE EXTENSION pgstattuple",
    "make an untrusted function": "CREATE FUNCTION shop.f() RETURNS int LANGUAGE c AS 'x', 'y'",
    "export large objects": "SELECT lo_export(1, '/nonexistent/file')",
    "read large objects": "SELECT lo_get(lo.oid) FROM pg_largeobject_metadata lo",
    "checkpoint": "CHECKPOINT",
}
OTHERS_WORK = """
CREATE SCHEMA shop; CREATE TABLE shop.item (id integer); INSERT INTO shop.item VALUES (1);
SELECT lo_create(0);
"""
PLANTED = "hunter2-in-a-statement"
UTILITY = [
    f"CREATE ROLE planted_a PASSWORD '{PLANTED}'",
    f"ALTER ROLE planted_a PASSWORD '{PLANTED}'",
    f"/* a remark */ ALTER ROLE planted_a PASSWORD '{PLANTED}'",
    f"/* a /* nested */ remark */ ALTER ROLE planted_a PASSWORD '{PLANTED}'",
    f"-- a remark\nALTER ROLE planted_a PASSWORD '{PLANTED}'",
    f"DO $do$ BEGIN EXECUTE 'ALTER ROLE planted_a PASSWORD ''{PLANTED}'''; END $do$",
    f"DO $do$ BEGIN PERFORM $x${PLANTED}$x$; END $do$",
    f"CREATE TABLE planted_1 AS SELECT '{PLANTED}'::text AS secret",
    f"SELECT '{PLANTED}'::text AS secret INTO planted_2",
    f"SELECT $x${PLANTED}$x$::text AS secret INTO planted_3",
    f"CREATE VIEW planted_4 AS SELECT '{PLANTED}'::text AS secret",
    f"COPY (SELECT '{PLANTED}') TO '/dev/null'",
    f"EXPLAIN SELECT '{PLANTED}'",
    f"PREPARE planted AS SELECT '{PLANTED}'; EXECUTE planted; DEALLOCATE planted",
    f"BEGIN; DECLARE planted CURSOR FOR SELECT '{PLANTED}'; FETCH planted; COMMIT",
    f"SET application_name = '{PLANTED}'; RESET application_name",
    f"COMMENT ON SCHEMA public IS '{PLANTED}'",
    f"ALTER ROLE planted_a SET search_path = '{PLANTED}'",
    f"CREATE FUNCTION planted() RETURNS text LANGUAGE sql AS $f$ SELECT '{PLANTED}' $f$; SELECT planted()",
    f"SELECT 1 /* {PLANTED} */",
    f"SELECT 1 -- {PLANTED}",
    f"SELECT /* /* {PLANTED} */ {PLANTED} */ 2",
    f"SELECT '{PLANTED}', 1; SELECT '{PLANTED}', 2",
    f"SELECT E'{PLANTED}\\n', U&'{PLANTED}', $${PLANTED}$$",
    f"WITH x AS (SELECT '{PLANTED}' AS s) SELECT s FROM x",
    f"NOTIFY planted, '{PLANTED}'",
]


@pytest.fixture(scope="module")
def peopled(server: Server) -> Iterator[Database]:
    """Gives a database in which others have a table, a large object and a session."""
    with Database.made(server, "installed") as database:
        database.rows(OTHERS_WORK)
        database.connect()
        yield database


def test_forty_actions_are_tried() -> None:
    """The list of forbidden actions is no shorter than promised."""
    assert len(FORBIDDEN) >= 40


@pytest.mark.parametrize("action", FORBIDDEN)
def test_reader_is_denied(peopled: Database, action: str) -> None:
    """The reader is refused, also after leaving its read-only mode."""
    connection = peopled.connect(READER)
    connection.execute("SET default_transaction_read_only = off")
    connection.execute("SET statement_timeout = '5s'")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(FORBIDDEN[action].encode())
    connection.close()


def test_reader_works_read_only_with_limits(database: Database) -> None:
    """A login as the reader is read-only and bounded in time without asking for it."""
    names = ("default_transaction_read_only", "statement_timeout", "lock_timeout")
    shown = [database.value(f"SHOW {name}", READER) for name in names]
    assert shown == ["on", "10s", "200ms"]


def test_recorder_writes_history_only(peopled: Database) -> None:
    """The recorder takes and prunes snapshots, and can neither rewrite history nor touch anything else."""
    taken = [peopled.value("SELECT otelmon.take_snapshot()", RECORDER) for _ in range(2)]
    assert taken == [1, 2]
    assert peopled.value("SELECT otelmon.prune_history('0 s')", RECORDER) == 1
    for statement in (
        "UPDATE otelmon.snapshot_history SET taken_at = now()",
        "UPDATE otelmon.alert_history SET metric_value = 0",
        "TRUNCATE otelmon.statement_history",
        "DROP TABLE otelmon.snapshot_history",
        "SELECT * FROM shop.item",
        "DELETE FROM otelmon.schema_version",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            peopled.rows(statement, RECORDER)


def test_strangers_see_nothing(database: Database) -> None:
    """A role without a grant reads no view and no table, and runs no function."""
    stranger = f"stranger_{database.name}"
    database.rows(f"CREATE ROLE {stranger} LOGIN PASSWORD '{PASSWORD}'")
    tables = ["snapshot_history", "statement_history", "alert_history", "schema_version", "schema_file"]
    statements = [f"SELECT * FROM otelmon.{name}" for name in [*files.views(database.server.major), *tables]]
    statements += [f"SELECT otelmon.{name}()" for name in ("take_snapshot", "reset_statements", "read_statements")]
    try:
        for statement in statements:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                database.rows(statement, stranger)
        granted = """SELECT proname FROM pg_proc WHERE pronamespace = 'otelmon'::regnamespace
            AND has_function_privilege('public', oid, 'EXECUTE')"""
        assert database.rows(granted) == []
    finally:
        database.rows(f"DROP ROLE {stranger}")


def test_planted_secrets_appear_in_no_view(database: Database) -> None:
    """Literals of utility statements, comments and what was not normalized show in no column of any view."""
    # On the server's side nothing but pg_stat_statements may have kept them, so that the test tests something.
    for number, statement in enumerate(UTILITY):
        with psycopg.connect(database.url(), autocommit=True) as connection:
            connection.execute(statement.encode() + b"\n" * number)
    try:
        kept = f"SELECT count(*) FROM pg_stat_statements WHERE query LIKE '%{PLANTED}%'"
        assert database.value(kept) >= 10
        for view in files.views(database.server.major):
            for user in ("postgres", READER):
                found = [row for row in database.rows(f"SELECT * FROM otelmon.{view}", user) if PLANTED in str(row)]
                assert (view, user, found) == (view, user, [])
    finally:
        database.rows("DROP ROLE planted_a")


def test_numbers_that_were_not_normalized_are_masked(database: Database) -> None:
    """A number that pg_stat_statements leaves in a text does not show."""
    database.rows("CREATE TABLE amount (x numeric(7,3))")
    database.rows("SELECT 4242424242424242 AS a, x::numeric(9,2) FROM amount ORDER BY 1 LIMIT 3")
    query = "SELECT query FROM otelmon.statements WHERE query LIKE '%amount%' AND statement_kind = 'SELECT'"
    (text,) = database.rows(query)[0]
    assert "4242" not in text
    assert "numeric(?,?)" in text
