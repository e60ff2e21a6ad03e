"""The commands ``otelmon sql ...`` against a real server: what they print, and with which exit code they end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from otelmon.operate.cli.main import main
from tests.sql.database import OWNER, READER
from tests.sql.servers import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sql.database import Database


@pytest.fixture
def otelmon(database: Database, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs a command on the database and returns exit code, output and errors."""

    def run(*arguments: str, user: str = OWNER, url: str = "") -> tuple[int, str, str]:
        code = main(["sql", *arguments, "--dsn", url or database.url(user)])
        captured = capsys.readouterr()
        assert PASSWORD not in captured.out + captured.err
        return code, captured.out, captured.err

    return run


def rows(output: str) -> list[dict[str, Any]]:
    """Returns the rows of a JSON document."""
    found: list[dict[str, Any]] = json.loads(output)["rows"]
    return found


def test_install_says_what_it_did(otelmon: Any, database: Database) -> None:
    """The first line names database, server, version and what changed; JSON has the same."""
    where = f"{database.name} (PostgreSQL {database.server.major})"
    assert otelmon("install") == (0, f"installed in {where}: schema version 1, nothing changed\n", "")
    _, output, _ = otelmon("install", "--dry-run")
    assert output.startswith("would be installed in")
    code, output, _ = otelmon("install", "--json")
    assert (code, json.loads(output)["version_now"], json.loads(output)["database"]) == (0, 1, database.name)


def test_uninstall_asks_and_removes(otelmon: Any, database: Database) -> None:
    """It removes the schema when told so, warns of kept roles on stderr, and finds nothing the second time."""
    code, output, errors = otelmon("uninstall", "--yes")
    assert (code, output.startswith(f"removed from {database.name}")) == (0, True)
    assert "warning: role otelmon_reader is kept" in errors
    assert otelmon("uninstall", "--yes")[1].startswith("nothing to remove from")


def test_verify_is_good_for_owner_and_reader(otelmon: Any) -> None:
    """Every check is ok, whoever asks, and nothing is found."""
    code, output, _ = otelmon("verify", "--slow-ms", "60000", "--json")
    assert (code, {check["verdict"] for check in json.loads(output)["checks"]}) == (0, {"ok"})
    code, output, _ = otelmon("verify", "--slow-ms", "60000", user=READER)
    assert code == 0
    assert "pg_monitor" in output


def test_verify_finds_a_missing_view(otelmon: Any, database: Database) -> None:
    """A view that was dropped is missing; the others are still checked."""
    database.rows("DROP VIEW otelmon.locks")
    code, output, _ = otelmon("verify", "--slow-ms", "60000", "--json")
    verdicts = {check["name"]: check["verdict"] for check in json.loads(output)["checks"]}
    assert (code, verdicts["locks"], verdicts["wal"]) == (1, "missing", "ok")


def test_verify_finds_a_denied_view(otelmon: Any, database: Database) -> None:
    """A view that the reader may not read is denied."""
    database.rows("REVOKE SELECT ON otelmon.wal FROM otelmon_reader")
    code, output, _ = otelmon("verify", "--slow-ms", "60000", "--json")
    denied = [check["name"] for check in json.loads(output)["checks"] if check["verdict"] == "denied"]
    assert (code, denied) == (1, ["wal"])


def test_verify_finds_slow_and_failing_views(otelmon: Any, database: Database) -> None:
    """A view over the limit is slow, one that is cancelled too, one with an error of its own has failed."""
    bodies = {"locks": "pg_sleep(0.4)::text", "wal": "pg_sleep(60)::text", "recovery": "1 / (random() * 0)::integer"}
    for view, body in bodies.items():
        database.rows(f"DROP VIEW otelmon.{view}; CREATE VIEW otelmon.{view} AS SELECT {body} AS x")
        database.rows(f"GRANT SELECT ON otelmon.{view} TO otelmon_reader")
    code, output, _ = otelmon("verify", "--slow-ms", "350", "--timeout-ms", "1500", "--json")
    checks = {check["name"]: check for check in json.loads(output)["checks"]}
    assert (code, checks["locks"]["verdict"], checks["wal"]["verdict"]) == (1, "slow", "slow")
    assert (checks["recovery"]["verdict"], checks["recovery"]["detail"]) == ("failed", "division by zero")
    assert (checks["locks"]["rows"], checks["wal"]["rows"]) == (1, None)


def test_verify_finds_rights_beyond_pg_monitor(otelmon: Any, database: Database) -> None:
    """A reader that was given more is reported."""
    database.rows("GRANT pg_signal_backend TO otelmon_reader")
    try:
        code, output, _ = otelmon("verify", "--slow-ms", "60000", "--json")
    finally:
        database.rows("REVOKE pg_signal_backend FROM otelmon_reader")
    assert (code, json.loads(output)["checks"][1]["verdict"]) == (1, "too much")


def test_verify_says_that_nothing_is_installed(otelmon: Any, bare: Database) -> None:
    """Without the schema there is one finding, and what to run."""
    code, output, _ = otelmon("verify", url=bare.url())
    assert code == 1
    assert "run otelmon sql install" in " ".join(output.split())


def test_verify_as_a_stranger_sees_nothing(otelmon: Any, database: Database) -> None:
    """A role without rights on the schema is told that it may not see it."""
    role = f"stranger_{database.name}"
    database.rows(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'")
    try:
        code, output, _ = otelmon("verify", "--json", user=role)
    finally:
        database.rows(f"DROP ROLE {role}")
    (check,) = json.loads(output)["checks"]
    assert (code, check["verdict"]) == (1, "missing")
    assert "may not see the schema" in check["detail"]


def test_locked_tables_hold_no_view_up(otelmon: Any, database: Database) -> None:
    """A table that is locked against everybody delays no view, because none asks for a lock on it."""
    database.rows("CREATE TABLE item (id integer PRIMARY KEY, label text); CREATE INDEX ON item (lower(label))")
    database.rows("CREATE TABLE part (p integer REFERENCES item) PARTITION BY RANGE (p); CREATE VIEW v AS TABLE item")
    holder = database.connect()
    holder.execute("BEGIN")
    holder.execute("LOCK TABLE item, part IN ACCESS EXCLUSIVE MODE")
    holder.execute("DROP INDEX item_lower_idx")
    code, output, _ = otelmon("verify", "--slow-ms", "3000", "--timeout-ms", "3000", "--json")
    assert (code, {check["verdict"] for check in json.loads(output)["checks"]}) == (0, {"ok"})


def test_verify_needs_a_way_to_be_the_reader(otelmon: Any, database: Database) -> None:
    """A role that may not act as the reader is told how to."""
    role = f"reporter_{database.name}"
    database.rows(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'; GRANT USAGE ON SCHEMA otelmon TO {role}")
    database.rows(f"GRANT SELECT ON ALL TABLES IN SCHEMA otelmon TO {role}")
    try:
        code, _, errors = otelmon("verify", user=role)
    finally:
        database.rows(f"DROP OWNED BY {role}; DROP ROLE {role}")
    assert code == 2
    assert f"{role} may not act as otelmon_reader: connect as otelmon_reader, or" in errors


def test_show_prints_a_view(otelmon: Any) -> None:
    """Few columns stand side by side, many one below the other; JSON keeps numbers as numbers."""
    code, output, _ = otelmon("show", "statistics_age")
    assert (code, "family" in output, "server" in output) == (0, True, True)
    _, output, _ = otelmon("show", "connections", user=READER)
    assert output.startswith("-- row 1 of 1\n")
    assert "max_connections                  60\n" in output
    assert otelmon("show", "replication")[1] == "no rows\n"
    _, output, _ = otelmon("show", "wal", "--json")
    (row,) = rows(output)
    assert (type(row["wal_bytes"]), row["archive_mode"]) == (int, "off")


def test_show_limits_rows(otelmon: Any) -> None:
    """No more rows than asked for."""
    assert len(rows(otelmon("show", "settings", "--limit", "3", "--json")[1])) == 3


def test_show_knows_its_views(otelmon: Any) -> None:
    """A view that does not exist is an error that says how to list them; without a name they are listed."""
    code, _, errors = otelmon("show", "pg_authid; DROP SCHEMA otelmon")
    assert (code, errors.startswith("otelmon: there is no view")) == (2, True)
    assert "slow_statements" in {row["view"] for row in rows(otelmon("show", "--json")[1])}


def test_show_says_that_nothing_is_installed(otelmon: Any, bare: Database) -> None:
    """A missing schema is an error that says what to run."""
    code, _, errors = otelmon("show", "locks", url=bare.url())
    assert code == 2
    assert "run otelmon sql install" in errors


def test_snapshot_and_reset_report(otelmon: Any) -> None:
    """Both say what they did, in words and as JSON."""
    assert otelmon("snapshot") == (0, "snapshot 1, 0 old ones deleted\n", "")
    assert otelmon("snapshot", "--json", "--keep-days", "0")[:2] == (0, '{"snapshot_id": 2, "pruned": 1}\n')
    assert otelmon("reset", "--yes")[1].startswith("statistics of statements begin anew at 20")
    assert "reset_at" in json.loads(otelmon("reset", "--yes", "--json")[1])


@pytest.mark.parametrize(
    ("url", "said"),
    [
        pytest.param("postgres//u:planted@h/d", "--dsn cannot be read", id="no URI"),
        pytest.param("host=h password=planted planted", "--dsn cannot be read", id="no key=value"),
        pytest.param("postgresql://u:planted@127.0.0.1:1/d", "cannot connect", id="nobody listens"),
        pytest.param("postgresql://planted:planted@127.0.0.1:1/planted", "cannot connect", id="password in every part"),
    ],
)
def test_connection_string_is_never_repeated(otelmon: Any, url: str, said: str) -> None:
    """What goes wrong with a connection is said without the password."""
    code, output, errors = otelmon("verify", url=url)
    assert (code, said in errors, "planted" in output + errors) == (2, True, False)


def test_wrong_password_is_not_repeated(otelmon: Any, database: Database) -> None:
    """A refused login names the user and not the password."""
    url = database.url().replace(PASSWORD, "planted-and-wrong")
    code, _, errors = otelmon("snapshot", url=url)
    assert (code, "password authentication failed" in errors, "planted" in errors) == (2, True, False)


def test_standby_is_recognized(otelmon: Any, database: Database) -> None:
    """On a server that takes no writes the error says so."""
    database.rows(f"ALTER DATABASE {database.name} SET default_transaction_read_only = on")
    code, _, errors = otelmon("snapshot")
    assert code == 2
    assert "standby or read-only; use the primary" in errors
