"""Installing, upgrading and removing the schema: once, again, by another role, in another layout, and when it fails."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import psycopg
import pytest

from otelmon.operate.errors import OperateError
from otelmon.operate.sql import files, script
from otelmon.operate.sql import install as installation
from otelmon.operate.sql.install import install, uninstall
from otelmon.operate.sql.verify import verify
from tests.sql.servers import PASSWORD

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sql.database import Database

SCHEMA = "SELECT count(*) FROM pg_namespace WHERE nspname = 'otelmon'"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Returns a copy of sql/ that a test may change."""
    return shutil.copytree(files.folder(), tmp_path / "sql")


def next_version(home: Path) -> Path:
    """Makes the copy version 2: a new column in a table and in the view on it."""
    (home / "upgrades").mkdir(exist_ok=True)
    (home / "upgrades" / "0002_note.sql").write_text(
        "ALTER TABLE otelmon.alert_history ADD COLUMN IF NOT EXISTS note text;\n"
    )
    view = home / "0043_alerts.sql"
    text = view.read_text().replace("is_open -- true: still over", "is_open, -- true: still over\n    note -- a remark")
    view.write_text(text.replace("a.resolved_at IS NULL\n", "a.resolved_at IS NULL, a.note\n"))
    return home


def test_second_installation_changes_nothing(database: Database) -> None:
    """Installing again replaces no file, keeps every object and writes no second version."""
    oids = "SELECT array_agg(oid ORDER BY oid) FROM pg_class WHERE relnamespace = 'otelmon'::regnamespace"
    before = database.value(oids)
    outcome = install(database.url())
    assert (outcome.replaced, outcome.warnings, outcome.version_before) == ((), (), 1)
    assert database.value(oids) == before
    assert database.value("SELECT count(*) FROM otelmon.schema_version") == 1


def test_dropped_view_comes_back(database: Database) -> None:
    """An installation sees that a view is gone, although the files are the same."""
    database.rows("DROP VIEW otelmon.locks")
    install(database.url())
    assert database.rows("SELECT * FROM otelmon.locks WHERE false") == []


def test_upgrade_keeps_history(database: Database, home: Path) -> None:
    """A newer schema brings its column and keeps snapshots, alerts and the record of versions."""
    database.rows("SELECT otelmon.take_snapshot()")
    database.rows(
        "INSERT INTO otelmon.alert_history (alert_type, severity, metric_value, threshold_value)"
        "VALUES ('slow_query', 'warning', 1, 0.5)"
    )
    outcome = install(database.url(), home=next_version(home))
    assert (outcome.version_before, outcome.version_now) == (1, 2)
    assert database.rows("SELECT alert_type, note FROM otelmon.alerts WHERE metric_value = 1") == [("slow_query", None)]
    assert database.value("SELECT count(*) FROM otelmon.snapshots") == 1
    assert database.rows("SELECT version FROM otelmon.schema_version ORDER BY 1") == [(1,), (2,)]


def test_newer_schema_is_left_alone(database: Database, home: Path) -> None:
    """An older otelmon refuses to touch what a newer one installed."""
    install(database.url(), home=next_version(home))
    with pytest.raises(OperateError, match="version 2, this otelmon knows 1: upgrade otelmon first"):
        install(database.url())


def test_one_bad_file_leaves_nothing_behind(bare: Database, home: Path) -> None:
    """An error anywhere takes everything back, and the message says what was wrong."""
    (home / "0019_wraparound.sql").write_text("CREATE VIEW otelmon.wraparound AS SELECT no_such_column;\n")
    with pytest.raises(OperateError, match='column "no_such_column" does not exist'):
        install(bare.url(), home=home)
    assert bare.value(SCHEMA) == 0


def test_dry_run_leaves_nothing_behind(bare: Database) -> None:
    """A dry run does everything and takes it back."""
    outcome = install(bare.url(), dry_run=True)
    assert (outcome.dry_run, len(outcome.replaced) > 30) == (True, True)
    assert bare.value(SCHEMA) == 0


def test_installs_without_any_extension(bare: Database) -> None:
    """Nothing but PostgreSQL itself is needed; views on statements say that their extension is missing."""
    warnings = install(bare.url()).warnings
    assert warnings == ("pg_stat_statements is missing: CREATE EXTENSION pg_stat_statements",)
    verdicts = {check.name: check.verdict for check in verify(bare.url(), 60, 60)}
    assert {name for name, verdict in verdicts.items() if verdict != "ok"} == {
        "statements",
        "slow_statements",
        "statement_totals",
    }
    assert verdicts["statements"] == "missing"


def test_printed_script_does_the_same(bare: Database) -> None:
    """The script of ``otelmon sql print`` installs what ``otelmon sql install`` would."""
    text = script.script(bare.server.major)
    assert text.count("BEGIN;") == text.count("COMMIT;") == 1
    bare.rows(text)
    assert install(bare.url()).replaced == ()


def test_views_of_others_stop_a_replacement(database: Database, home: Path) -> None:
    """A view that somebody built on ours is neither dropped by an upgrade nor by removing the schema."""
    database.rows("CREATE VIEW public.mine AS SELECT count(*) FROM otelmon.locks")
    with pytest.raises(OperateError, match=r"view public\.mine depends on view otelmon\.locks"):
        install(database.url(), home=next_version(home))
    with pytest.raises(OperateError, match=r"other views depend on the schema otelmon: public\.mine"):
        uninstall(database.url())
    assert database.rows("SELECT * FROM public.mine WHERE false") == []


def test_lock_is_not_waited_for_long(database: Database, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where somebody reads a view for long, the installation gives up, says so, and changes nothing."""
    monkeypatch.setattr(installation, "LIMITS", "SET LOCAL lock_timeout = '100ms';")
    holder = database.connect()
    holder.execute("BEGIN")
    holder.execute("SELECT * FROM otelmon.locks")
    with pytest.raises(OperateError, match=r"somebody uses the views or tables.*nothing was changed, try again"):
        install(database.url(), home=next_version(home))
    assert database.value("SELECT max(version) FROM otelmon.schema_version") == 1


def test_plain_role_is_told_what_it_lacks(bare: Database) -> None:
    """A role without rights gets one line: what was refused, and who can do it."""
    bare.rows(f"CREATE ROLE plain_{bare.name} LOGIN PASSWORD '{PASSWORD}'")
    with pytest.raises(OperateError, match=r"not permitted: permission denied for database.*nothing was changed"):
        install(bare.url(f"plain_{bare.name}"))
    bare.rows(f"DROP ROLE plain_{bare.name}")


def test_uninstall_removes_everything_but_shared_roles(database: Database) -> None:
    """The schema goes; roles that another database uses stay, with a warning; a second time is no error."""
    outcome = uninstall(database.url())
    assert (outcome.version_before, outcome.version_now) == (1, None)
    assert [warning.split(":")[0] for warning in outcome.warnings] == [
        "role otelmon_reader is kept",
        "role otelmon_recorder is kept",
    ]
    assert database.value(SCHEMA) == 0
    assert uninstall(database.url()).version_before is None


@pytest.mark.parametrize("change", ["UPDATE", "SET SCHEMA moved"])
def test_extension_can_be_changed_with_the_views_in_place(bare: Database, change: str) -> None:
    """Views do not stand in the way of updating or moving pg_stat_statements, and go on working."""
    bare.rows("CREATE SCHEMA moved; GRANT USAGE ON SCHEMA moved TO PUBLIC")
    bare.rows("CREATE EXTENSION pg_stat_statements VERSION '1.9'")
    install(bare.url())
    bare.rows("SELECT 4711")
    seen = "SELECT sum(calls) > 0 FROM otelmon.statements WHERE query = 'SELECT $1'"
    assert bare.value(seen)
    bare.rows(f"ALTER EXTENSION pg_stat_statements {change}")
    assert bare.value(seen)


def test_outdated_extension_is_said_to_be_outdated(bare: Database) -> None:
    """An extension that an upgrade of the server left old is named, with what to run."""
    bare.rows("CREATE EXTENSION pg_stat_statements VERSION '1.8'")
    install(bare.url())
    query = "SELECT state, remedy FROM otelmon.extensions WHERE extension_name = 'pg_stat_statements'"
    assert bare.rows(query) == [("outdated", "ALTER EXTENSION pg_stat_statements UPDATE")]
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match=r"1\.8 is outdated"):
        bare.rows("SELECT * FROM otelmon.statements")


def test_restored_dump_of_an_older_server_is_noticed(database: Database) -> None:
    """After an upgrade of the server the views work, and verify asks for an installation anew."""
    database.rows("UPDATE otelmon.schema_file SET digest = 'of another server' WHERE file_name LIKE '0025%'")
    checks = {check.name: check for check in verify(database.url(), 60, 60)}
    assert checks["schema"].verdict == "outdated"
    assert checks["checkpoints"].verdict == "ok"


def test_views_of_an_older_server_can_be_restored(bare: Database) -> None:
    """What pg_upgrade carries over from the oldest server, the views made for it, can be made and read here."""
    for step in script.steps(files.OLDEST_MAJOR):
        bare.rows(step.text)
    verdicts = {check.name: check.verdict for check in verify(bare.url(), 60, 60)}
    assert [name for name, verdict in verdicts.items() if verdict == "failed"] == []
    assert (verdicts["checkpoints"], verdicts["index_usage"]) == ("ok", "ok")


def test_files_are_utf8_without_tabs() -> None:
    """The files are what a reader expects of SQL in a repository."""
    paths = sorted(files.folder().rglob("*.sql"))
    assert [path.name for path in paths if "\t" in path.read_text(encoding="utf-8")] == []
    assert [path.name for path in paths if not path.read_text(encoding="utf-8").startswith("-- ")] == []


def test_script_runs_with_psql(bare: Database) -> None:
    """The printed script runs as it is: through psql, or through a driver where there is no psql."""
    text, psql = script.script(bare.server.major), shutil.which("psql")
    if psql is None:
        with psycopg.connect(bare.url(), autocommit=True) as connection:
            connection.execute(text)  # type: ignore[call-overload]  # a script of our own, not a literal
    else:
        command = [psql, "--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", bare.url()]
        subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    assert bare.value(SCHEMA) == 1
