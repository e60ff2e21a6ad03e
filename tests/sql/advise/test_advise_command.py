"""``otelmon advise`` against a server: what it finds, how it prints it, and what it says where it cannot see."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from otelmon.operate.advise.limits import Limits
from otelmon.operate.advise.run import Request, advise
from otelmon.operate.cli.main import main
from tests.sql import servers
from tests.sql.database import READER

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.operate.advise.finding import Finding
    from tests.sql.database import Database

SECONDS_TO_APPEAR = 20.0
ROWS = "FROM generate_series(1, 20000) AS i"
TWICE = f"CREATE TABLE t AS SELECT i AS a {ROWS}; CREATE INDEX one ON t (a); CREATE INDEX two ON t (a);"
KEY = f"""
CREATE TABLE r (x integer PRIMARY KEY);
INSERT INTO r SELECT i {ROWS};
CREATE TABLE "T ""t" AS SELECT i AS "X x" {ROWS};
ALTER TABLE "T ""t" ADD CONSTRAINT f FOREIGN KEY ("X x") REFERENCES r;
DELETE FROM r WHERE false;
ANALYZE;
"""


def kinds(database: Database, user: str = "postgres", **limits: float) -> dict[str, list[Finding]]:
    """Returns the findings on a database by kind."""
    _, findings = advise(Request(database.url(user), limits=Limits(min_age_seconds=0, **limits)))  # type: ignore[arg-type]
    found: dict[str, list[Finding]] = {}
    for each in findings:
        found.setdefault(each.kind, []).append(each)
    return found


def until(database: Database, kind: str, **limits: float) -> list[Finding]:
    """Returns findings of a kind, which appear when the server has counted."""
    deadline = time.monotonic() + SECONDS_TO_APPEAR
    while not (found := kinds(database, **limits).get(kind)):
        assert time.monotonic() < deadline, f"no {kind}"
        time.sleep(0.1)
    return found


def test_text_names_finding_and_statements(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    """The table and the details name the index, what mends and what undoes; findings make the exit code 1."""
    database.rows(TWICE)
    assert main(["advise", "--dsn", database.url()]) == 1
    output = capsys.readouterr().out
    assert "DROP INDEX CONCURRENTLY public.two;" in output
    assert "Undo: CREATE INDEX CONCURRENTLY two ON public.t USING btree (a);" in output
    assert servers.PASSWORD not in output


def test_json_has_rows_of_a_lint(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    """Each finding is a row of splinter's ten columns; verdict, evidence and statements stand in its metadata."""
    database.rows(TWICE)
    assert main(["advise", "--dsn", database.url(), "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    [row] = [each for each in document["lints"] if each["name"] == "duplicate_index"]
    columns = "name title level facing categories description detail remediation metadata cache_key"
    assert list(row) == columns.split()
    assert row["cache_key"] == "duplicate_index_public_t_two"
    assert row["metadata"]["verdict"] == "finding"
    assert row["metadata"]["evidence"]["definition"] == "CREATE INDEX two ON public.t USING btree (a)"
    assert document["counts"]["finding"] >= 1


def test_markdown_has_blocks_of_sql(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    """Markdown has a table, a heading for each finding and its statements as SQL."""
    database.rows(TWICE)
    assert main(["advise", "--dsn", database.url(), "--format", "markdown"]) == 1
    output = capsys.readouterr().out
    assert "| WARN | Duplicate index | `public.t.two` | finding |" in output
    assert "```sql\n-- mend\nDROP INDEX CONCURRENTLY public.two;\n```" in output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["--dsn", "host=127.0.0.1 port=1 password=hunter2"], "cannot connect", id="no server"),
        pytest.param(["--dsn", "hunter2://"], "--dsn cannot be read", id="no connection string"),
    ],
)
def test_what_cannot_run(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Where no server answers the exit code is 2, with one line that shows no secret."""
    assert main(["advise", *arguments]) == 2
    output = capsys.readouterr()
    assert said in output.err
    assert "hunter2" not in output.err + output.out
    assert len(output.err.splitlines()) == 1


def test_replica_of_another_database_is_refused(
    database: Database, bare: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    """A --replica that leads to another database proves nothing and is named."""
    assert main(["advise", "--dsn", database.url(), "--replica", bare.url()]) == 2
    assert f"was read in database {bare.name}" in capsys.readouterr().err


def test_nothing_is_written_and_no_schema_is_needed(bare: Database) -> None:
    """Advice works without the schema otelmon and says that statements are not seen."""
    bare.rows(TWICE)
    [finding] = kinds(bare)["duplicate_index"]
    assert finding.subject.name == "two"
    assert "otelmon sql install" in next(e.detail for e in kinds(bare)["unreadable"] if e.subject.name == "statements")
    assert bare.value("SELECT count(*) FROM pg_namespace WHERE nspname = 'otelmon'") == 0


def test_stranger_is_told_what_he_does_not_see(database: Database) -> None:
    """A role without pg_monitor gets findings on indexes, and what it cannot see is named."""
    database.rows(f"DROP ROLE IF EXISTS stranger; CREATE ROLE stranger LOGIN PASSWORD '{servers.PASSWORD}'")
    database.rows(TWICE)
    try:
        found = kinds(database, "stranger")
        assert [each.subject.name for each in found["duplicate_index"]] == ["two"]
        assert any("pg_monitor" in each.detail for each in found["unreadable"])
    finally:
        database.rows("DROP ROLE stranger")


def test_locked_table_stops_nothing_for_long(database: Database) -> None:
    """While a table with a partial index is locked exclusively all others are read, and it is named."""
    database.rows(TWICE + "CREATE TABLE u (a integer); CREATE INDEX v ON u (a) WHERE a > 5")
    holder = database.connect()
    holder.execute("BEGIN; LOCK TABLE u IN ACCESS EXCLUSIVE MODE")
    started = time.monotonic()
    found = kinds(database)
    assert time.monotonic() - started < 10
    assert [each.subject.name for each in found["duplicate_index"]] == ["two"]
    assert any("exclusive lock on public.u" in each.detail for each in found["unreadable"])


def test_foreign_key_in_odd_names(database: Database) -> None:
    """The statement for a foreign key without index runs as it is written, and so does what undoes it."""
    database.rows(KEY)
    [finding] = kinds(database)["missing_foreign_key_index"]
    connection = database.connect()
    connection.execute(finding.mend[0].encode())
    assert "missing_foreign_key_index" not in kinds(database)
    connection.execute(finding.undo[0].encode())
    assert "missing_foreign_key_index" in kinds(database)


def test_hypothetical_cost(database: Database) -> None:
    """With hypopg a finding has the planned cost without and with the index; without it, it says so."""
    database.rows(KEY)
    [finding] = kinds(database)["missing_foreign_key_index"]
    assert any("hypopg is not in this database" in note for note in finding.notes)
    if not database.value("SELECT count(*) FROM pg_available_extensions WHERE name = 'hypopg'"):
        # All that can be asked of such a server is that the finding says so; Debian has it as postgresql-15-hypopg.
        return
    database.rows("CREATE SCHEMA odd; CREATE EXTENSION hypopg SCHEMA odd")
    [finding] = kinds(database)["missing_foreign_key_index"]
    now, then = (finding.evidence[name] for name in ("planned_cost_now", "planned_cost_with_index"))
    assert isinstance(now, float)
    assert isinstance(then, float)
    assert then < now / 10
    [finding] = kinds(database, READER)["missing_foreign_key_index"]
    assert any("cannot be told" in note for note in finding.notes)


def sequence(last: int, table: str = "k integer") -> str:
    """Returns SQL for a serial column that has come this far."""
    column = table.replace("integer", "serial").replace("bigint", "bigserial")
    return f"CREATE TABLE t ({column}); SELECT setval('t_k_seq', {last})"


@pytest.mark.parametrize(
    ("setup", "level", "mends"),
    [
        pytest.param(sequence(2_000_000_000), "ERROR", False, id="integer"),
        pytest.param(sequence(1_800_000_000), "WARN", False, id="integer, earlier"),
        pytest.param(
            sequence(2_000_000_000, "k bigint") + "; ALTER SEQUENCE t_k_seq AS integer", "ERROR", True, id="sequence"
        ),
        pytest.param(sequence(2_000_000_000, "k bigint"), None, False, id="far away"),
        pytest.param(
            sequence(5) + "; CREATE SEQUENCE s MAXVALUE 10 CYCLE; SELECT setval('s', 9)", None, False, id="cycles"
        ),
    ],
)
def test_sequences(database: Database, setup: str, level: str | None, mends: bool) -> None:
    """A sequence is judged by its own limit and by its column's; the reader is told that it cannot see."""
    database.rows(setup)
    found = kinds(database).get("sequence_near_end", [])
    assert [(each.level, bool(each.mend)) for each in found] == ([(level, mends)] if level else [])
    connection = database.connect()
    for statement in (text for each in found for text in each.mend):
        connection.execute(statement.encode())
    assert not mends or "sequence_near_end" not in kinds(database)
    assert any(each.subject.name == "sequences" for each in kinds(database, READER)["unreadable"])


def test_tables(database: Database) -> None:
    """Read from end to end, never analyzed, never vacuumed: each is told with its table."""
    database.rows(f"CREATE TABLE t AS SELECT i AS a {ROWS}; CREATE TABLE n AS SELECT i AS a {ROWS}; ANALYZE t;")
    database.rows("CREATE TABLE p (a integer) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p DEFAULT")
    database.rows(f"INSERT INTO p SELECT i {ROWS}; ANALYZE p1")
    connection = database.connect()
    for _ in range(110):
        connection.execute("SELECT count(*) FROM t WHERE a < 0")
    connection.execute("DELETE FROM n")
    connection.close()
    assert [each.subject.name for each in until(database, "sequential_scans")] == ["t"]
    [vacuum] = until(database, "vacuum_needed")
    assert (vacuum.subject.name, vacuum.level) == ("n", "WARN")
    assert "autovacuum is off" in vacuum.detail
    database.rows(f"INSERT INTO n SELECT i {ROWS}")
    deadline = time.monotonic() + SECONDS_TO_APPEAR
    while {each.subject.name for each in kinds(database).get("never_analyzed", ())} != {"n", "p"}:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_statements_that_name_a_table_are_its_evidence(database: Database) -> None:
    """The heaviest statements are observations, and those on a table that is read sequentially stand with it."""
    database.rows(f"CREATE TABLE scanned AS SELECT i AS a {ROWS}; ANALYZE scanned;")
    connection = database.connect()
    for _ in range(110):
        connection.execute("SELECT count(*) FROM scanned WHERE a < 0")
    connection.close()
    [finding] = until(database, "sequential_scans")
    named: Any = finding.evidence["statements_that_name_it"]
    assert any("SELECT count(*) FROM scanned" in text for text in named)
    heavy = kinds(database)["heavy_statement"]
    assert {each.verdict for each in heavy} == {"observation"}
    assert len(heavy) == 5


def test_bloat(database: Database) -> None:
    """A table that is mostly empty is told by the owner, and the reader says why it has no estimate."""
    database.rows(f"CREATE TABLE t AS SELECT i AS a, repeat('x', 500) AS b {ROWS}; DELETE FROM t WHERE a % 10 > 0")
    database.rows("VACUUM t")
    database.rows("ANALYZE t")
    [finding] = kinds(database, bloat_bytes=1_000_000)["bloat"]
    assert finding.subject.name == "t"
    denied = [each for each in kinds(database, READER)["unreadable"] if each.subject.name == "bloat"]
    assert "denied to this role" in denied[0].detail


def slot(database: Database) -> Callable[[], object]:
    """Makes a slot that nobody uses."""
    name = f"slot_{database.name}"
    database.rows(f"SELECT pg_create_physical_replication_slot('{name}', true)")
    return lambda: database.rows(f"SELECT pg_drop_replication_slot('{name}')")


def test_inactive_slot_is_a_standby_that_was_not_given(database: Database) -> None:
    """A physical slot without a receiver is found, and stands for a standby that may use an index."""
    database.rows(f"CREATE TABLE t AS SELECT i AS a {ROWS}; CREATE INDEX one ON t (a); SELECT count(*) FROM t;")
    drop = slot(database)
    try:
        found = kinds(database)
        assert [each.subject.name for each in found["inactive_slot"]] == [f"slot_{database.name}"]
        assert all(any("--replica" in doubt for doubt in each.doubts) for each in found["unused_index"])
    finally:
        drop()


def test_open_transaction_is_an_observation(database: Database) -> None:
    """A transaction that is idle is told as what is so now, and is no finding."""
    holder = database.connect(application_name="forgetful")
    holder.execute("BEGIN; SELECT 1")
    found = until(database, "open_transaction", idle_in_transaction_seconds=0.01)
    assert [each.verdict for each in found if "forgetful" in each.detail] == ["observation"]


def test_extensions_are_left_alone(database: Database) -> None:
    """Tables that belong to an extension are not advised on."""
    database.rows(TWICE + "ALTER EXTENSION pg_stat_statements ADD TABLE t")
    try:
        assert "duplicate_index" not in kinds(database)
    finally:
        database.rows("ALTER EXTENSION pg_stat_statements DROP TABLE t")


def test_connection_is_read_only_and_named(database: Database) -> None:
    """The transaction refuses writes and tells who it is."""
    from otelmon.operate.advise.connection import reading
    from otelmon.operate.errors import OperateError

    with reading(database.url(), 5) as connection:
        row = connection.execute(
            "SELECT current_setting('application_name'), current_setting('lock_timeout')"
        ).fetchone()
        assert row == ("otelmon advise", "200ms")
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("CREATE TABLE t ()")
    with pytest.raises(OperateError), reading(database.url(), 5) as connection:
        connection.execute("CREATE TABLE t ()")
