"""What the observer sees and says while rights, schema, locks and statistics change under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from otelmon.operate.observe.session import APPLICATION_NAME
from otelmon.operate.sql.install import install, uninstall
from tests.sql.database import READER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.integration.observe.watching import Watching
    from tests.sql.database import Database

    Watch = Callable[[str], Watching]

STATEMENTS = {"statements", "slow_statements", "statement_totals"}


@pytest.fixture
def watching(watch: Watch, database: Database) -> Watching:
    """Gives an observer that has read everything."""
    begun = watch(database.url(READER))
    begun.until(lambda: not begun.down)
    return begun


@pytest.fixture
def administration(database: Database) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Gives a connection beside the observed database, for what concerns the whole server."""
    with psycopg.connect(database.server.url(), autocommit=True) as connection:
        yield connection


def sessions(connection: psycopg.Connection[tuple[object, ...]]) -> int:
    """Counts the observer's connections as the server sees them."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s"
    row = connection.execute(query, [APPLICATION_NAME]).fetchone()
    return int(str(row[0])) if row else 0


def test_every_view_is_read_by_the_reader_on_one_connection(
    watching: Watching, administration: psycopg.Connection[tuple[object, ...]]
) -> None:
    """The role that is installed can read everything, and one connection is enough."""
    assert set(watching.reasons.values()) == {"ok"}
    assert watching.figure("postgresql.connection.max") == 60
    assert watching.figure("otelmon.postgresql.extension.up", name="pg_stat_statements") == 1
    assert watching.observer.board.now.statements == "ok"
    assert sessions(administration) == 1


def test_limits_are_those_of_the_transaction(watching: Watching, database: Database) -> None:
    """Every query is read-only with its own limits, and the session behind it keeps what it had."""
    session = watching.observer._session
    assert session is not None
    watching.stop()
    other = type(session).open({**watching.observer._parameters}, watching.observer._limits, lambda: False)
    names = ("transaction_read_only", "statement_timeout", "lock_timeout", "search_path")
    shown = {name: other.read(f"SELECT current_setting('{name}') AS value")[0]["value"] for name in names}
    outside = other._connection.execute("SHOW lock_timeout").fetchone()
    other.close()
    assert list(shown.values()) == ["on", "2s", "100ms", "pg_catalog"]
    assert outside == {"lock_timeout": "200ms"}
    assert database.value("SELECT 1") == 1


def test_removed_rights_are_denied_and_come_back(
    watching: Watching, administration: psycopg.Connection[tuple[object, ...]]
) -> None:
    """Without pg_monitor the statements are denied, not zero; granted again, they are read again."""
    administration.execute("REVOKE pg_monitor FROM otelmon_reader")
    try:
        watching.until(lambda: {watching.reasons[name] for name in STATEMENTS} == {"denied"})
        watching.until(lambda: watching.observer.board.now.statements == "denied")
        assert watching.figure("otelmon.postgresql.statements.kept") is None
        assert watching.figure("otelmon.postgresql.connection.count", state="active") is None
    finally:
        administration.execute("GRANT pg_monitor TO otelmon_reader")
    watching.until(lambda: not watching.down)
    assert len([each for each in watching.told("view.down") if each["otelmon.view"] == "statements"]) == 1


def test_missing_extension_is_said(watching: Watching, database: Database) -> None:
    """Where pg_stat_statements is dropped, what rests on it is missing, and the rest goes on."""
    database.rows("DROP EXTENSION pg_stat_statements")
    watching.until(lambda: watching.down == STATEMENTS)
    assert {watching.reasons[name] for name in STATEMENTS} == {"missing"}
    watching.until(lambda: watching.observer.board.now.statements == "missing")
    database.rows("CREATE EXTENSION pg_stat_statements")
    watching.until(lambda: not watching.down)


def test_dropped_schema_is_missing_until_it_is_there_again(watching: Watching, database: Database) -> None:
    """Without the schema nothing is known; an installation is noticed without a restart."""
    uninstall(database.url())
    watching.until(lambda: set(watching.reasons.values()) == {"missing"})
    assert watching.observer.board.now.schema_version is None
    install(database.url())
    watching.until(lambda: not watching.down)


def test_older_schema_is_read_in_part_and_newer_as_a_whole(watching: Watching, database: Database) -> None:
    """Columns that are not there are named and their figures absent; columns that are new disturb nothing."""
    database.rows("ALTER VIEW otelmon.wal RENAME COLUMN wal_records TO wal_records_of_old")
    watching.until(lambda: watching.observer.board.now.views["wal"].detail.startswith("without wal_records"))
    assert watching.reasons["wal"] == "outdated"
    assert watching.figure("otelmon.postgresql.wal.written") is not None
    assert watching.figure("otelmon.postgresql.wal.records") is None
    database.rows("ALTER VIEW otelmon.wal RENAME COLUMN wal_records_of_old TO wal_records")
    definition = database.value("SELECT pg_get_viewdef('otelmon.cache_hit'::regclass)").rstrip(" ;")
    database.rows(f"CREATE OR REPLACE VIEW otelmon.cache_hit AS SELECT old.*, 1 AS more FROM ({definition}) AS old")
    watching.until(lambda: not watching.down)


def test_view_dropped_or_without_its_labels(watching: Watching, database: Database) -> None:
    """A view that is gone is missing, one without the columns of its labels outdated; neither shows figures."""
    database.rows("DROP VIEW otelmon.locks")
    database.rows("ALTER VIEW otelmon.sessions RENAME COLUMN user_name TO other_name")
    watching.until(lambda: watching.reasons["locks"] == "missing" and watching.reasons["sessions"] == "outdated")
    assert watching.figure("otelmon.postgresql.session.count") is None
    assert watching.down == {"locks", "sessions"}


def test_locked_tables_are_not_waited_for(watching: Watching, database: Database) -> None:
    """A locked table of users hides nothing; a lock on the history is said, and over when it is released."""
    database.rows("CREATE TABLE of_users (id integer)")
    holder = database.connect()
    holder.execute("BEGIN")
    holder.execute("LOCK TABLE of_users, otelmon.alert_history IN ACCESS EXCLUSIVE MODE")
    watching.until(lambda: watching.reasons["alerts"] == "locked")
    watching.read_anew("table_activity")
    assert watching.down == {"alerts"}
    holder.execute("ROLLBACK")
    watching.until(lambda: not watching.down)


def test_slow_view_is_cancelled(watching: Watching, database: Database) -> None:
    """A view that takes longer than allowed is cancelled by the server, and the connection stays."""
    database.rows("DROP VIEW otelmon.recovery")
    columns = ("is_in_recovery", "is_replay_paused", "replay_lag_bytes", "replay_age_seconds", "started_seconds")
    body = ", ".join(f"NULL::integer AS {name}" for name in columns)
    database.rows(f"CREATE VIEW otelmon.recovery AS SELECT {body} FROM (SELECT pg_sleep(60)) AS s")
    database.rows("GRANT SELECT ON otelmon.recovery TO otelmon_reader")
    watching.until(lambda: watching.reasons["recovery"] == "timeout")
    assert watching.observer.board.now.connected
    assert watching.observer.board.now.connects == {"ok": 1}


def test_ended_backend_is_replaced(watching: Watching, administration: psycopg.Connection[tuple[object, ...]]) -> None:
    """A connection that the server ends is opened anew; never is there more than one."""
    administration.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s", [APPLICATION_NAME]
    )
    most = 0

    def back() -> bool:
        nonlocal most
        most = max(most, sessions(administration))
        return watching.observer.board.now.connects.get("ok") == 2 and not watching.down

    watching.until(back)
    assert most == 1
    assert len(watching.told("unreachable")) == 1


def test_full_server_is_waited_for(watching: Watching, administration: psycopg.Connection[tuple[object, ...]]) -> None:
    """Where no connection is free this is said as the reason, and tried again."""
    administration.execute("ALTER ROLE otelmon_reader CONNECTION LIMIT 0")
    try:
        administration.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s", [APPLICATION_NAME]
        )
        watching.until(lambda: watching.observer.board.now.reason == "too many connections")
        assert set(watching.reasons.values()) == {"unreachable"}
        assert watching.figure("postgresql.connection.max") is None
    finally:
        administration.execute("ALTER ROLE otelmon_reader CONNECTION LIMIT 2")
    watching.until(lambda: not watching.down)


def test_statistics_reset_is_told_and_counted_exactly(watching: Watching, database: Database) -> None:
    """Rows before and after a reset are added up, the counter never falls, and the reset is an event."""
    writer = database.connect()
    flush = "SELECT pg_stat_force_next_flush()" if database.server.major >= 15 else "SELECT pg_sleep(1)"
    writer.execute("CREATE TABLE counted (id integer)")
    writer.execute(flush.encode())

    def inserted() -> float:
        return watching.figure("postgresql.tup_inserted") or 0

    def insert(rows: int) -> None:
        writer.execute(f"INSERT INTO counted SELECT generate_series(1, {rows})".encode())
        writer.execute(flush.encode())

    watching.read_anew("database_activity")
    before = inserted()
    insert(1000)
    watching.until(lambda: inserted() >= before + 1000)
    middle = inserted()
    writer.execute("SELECT pg_stat_reset()")
    watching.until(lambda: {"family": "database"} in watching.told("statistics.reset"))
    watching.read_anew("database_activity")
    after = inserted()
    insert(500)
    watching.until(lambda: inserted() >= after + 500)
    assert middle - before == 1000
    assert inserted() - after == 500
    assert after >= middle


def test_blocking_chain_is_told_once_with_its_root(watching: Watching, database: Database) -> None:
    """Who blocks whom, and on what, is one event while it lasts; the figures are there with it."""
    database.rows("CREATE TABLE contended (id integer)")
    root, waiting = database.connect(application_name="root"), database.connect(application_name="waiting")
    root.execute("BEGIN")
    root.execute("LOCK TABLE contended")
    waiting.execute("SET statement_timeout = '4s'")
    with pytest.raises(psycopg.errors.QueryCanceled):
        waiting.execute("SELECT * FROM contended")
    root.execute("ROLLBACK")
    watching.until(lambda: watching.figure("otelmon.postgresql.blocked.count") == 0)
    told = watching.told("blocking")
    assert [each["postgresql.application_name"] for each in told] == ["root"]
    assert told[0]["postgresql.pid"] == root.info.backend_pid
    assert told[0]["postgresql.blocking.lock.relation"] == "public.contended"


def test_inactive_slot_is_told(watching: Watching, database: Database) -> None:
    """A slot from which nobody receives is an event, once."""
    database.rows("SELECT pg_create_physical_replication_slot('forgotten', true)")
    try:
        watching.until(lambda: watching.told("replication_slot.inactive"))
        watching.read_anew("replication_slots")
        assert [each["postgresql.replication_slot.name"] for each in watching.told("replication_slot.inactive")] == [
            "forgotten"
        ]
        assert watching.figure("otelmon.postgresql.replication_slot.active", name="forgotten") == 0
    finally:
        database.rows("SELECT pg_drop_replication_slot('forgotten')")
