"""Judgments on facts, as tables; what needs a server to be a fact is tested with one in tests/sql/advise."""

from __future__ import annotations

from typing import Any

import pytest
from rich.console import Console

from otelmon.operate.advise import output, restore
from otelmon.operate.advise.facts import Activity, Facts, Index, KeyPart, Node, Table, Tick
from otelmon.operate.advise.finding import Finding, Subject
from otelmon.operate.advise.index_age import Age, age_of
from otelmon.operate.advise.index_name import name_for
from otelmon.operate.advise.judging import invalid, server, tables, unused
from otelmon.operate.advise.judging.evidence import bytes_shown
from otelmon.operate.advise.limits import DAY, Limits
from otelmon.operate.advise.nodes import doubts_about, duration

GIBIBYTE = 1024**3


def node(label: str = "a:1", **more: Any) -> Node:
    """Makes a node that has counted for a month."""
    usual: dict[str, Any] = {
        "system": "1", "started_at": label, "in_recovery": False, "counts": True, "sees_others": True,
        "statistics_age_seconds": 30 * DAY, "was_reset": True, "standbys": 0,
    }  # fmt: skip
    return Node(label=label, **{**usual, **more})


def index(**more: Any) -> Index:
    """Makes an ordinary index."""
    usual: dict[str, Any] = {
        "oid": 1, "table_oid": 2, "schema": "s", "table": "t", "name": "i", "method": "btree",
        "key": (KeyPart("a", 1, 23, 0, 0),), "included": frozenset(), "predicate": None,
        "definition": "CREATE INDEX i ON s.t USING btree (a)", "is_unique": False, "is_immediate": True,
        "nulls_not_distinct": False, "is_exclusion": False, "is_replica_identity": False, "is_clustered": False,
        "has_expressions": False, "is_valid": True, "is_ready": True, "is_live": True, "is_being_built": False,
        "is_partitioned": False, "parent_oid": None, "constraint_name": None, "constraint_type": None,
        "referenced_by": (), "size_bytes": GIBIBYTE, "age_transactions": 50, "age_seconds": None, "tablespace": None,
        "afterwards": (), "qualified": "s.i", "qualified_table": "s.t",
    }  # fmt: skip
    return Index(**{**usual, **more})


def facts(*indexes: Index, **more: Any) -> Facts:
    """Makes the facts of a table that is read and written."""
    read = node(tables={("s", "t"): Activity(sequential_scans=3, inserts=10, updates=5, hot_updates=2)})
    table = Table(2, "s", "t", "s.t", is_partitioned=False, parent_oid=None, rows=9, was_analyzed=True, size_bytes=1)
    return Facts(**{"database": "d", "nodes": (read,), "indexes": indexes, "tables": {2: table}, **more})


@pytest.mark.parametrize(
    ("nodes", "doubts"),
    [
        pytest.param([node()], 0, id="alone"),
        pytest.param([node(standbys=1)], 1, id="standby missing"),
        pytest.param([node(standbys=1), node("b:1", in_recovery=True)], 0, id="standby given"),
        pytest.param([node(standbys=1), node(standbys=1)], 1, id="primary twice"),
        pytest.param([node(standbys=2), node("b:1", in_recovery=True)], 1, id="one of two"),
        pytest.param([node(standbys=1), node("b:1", in_recovery=True, standbys=1)], 1, id="cascade"),
        pytest.param([node(standbys=1), node("b:1", in_recovery=True, system="2")], 1, id="of another cluster"),
        pytest.param([node(in_recovery=True)], 1, id="standby alone"),
        pytest.param([node(counts=False)], 1, id="does not count"),
        pytest.param([node(statistics_age_seconds=DAY)], 1, id="young"),
        pytest.param([node(statistics_age_seconds=DAY, was_reset=False)], 1, id="young server"),
        pytest.param(
            [node(standbys=1), node("b:1", in_recovery=True, statistics_age_seconds=DAY)], 1, id="young standby"
        ),
    ],
)
def test_nodes(nodes: list[Node], doubts: int) -> None:
    """No use proves something only where every node is there and has counted for long enough."""
    assert len(doubts_about(nodes, Limits())) == doubts


@pytest.mark.parametrize(
    ("transactions", "seconds", "expected"),
    [
        pytest.param(50, 7.0, Age(7.0, 7.0), id="commit time"),
        pytest.param(50, None, Age(10.0, 100.0), id="between two"),
        pytest.param(500, None, Age(100.0, None), id="before all"),
        pytest.param(1, None, Age(None, 10.0), id="after all"),
    ],
)
def test_index_age(transactions: int, seconds: float | None, expected: Age) -> None:
    """The age lies between the moments whose transactions came before and after."""
    clock = (Tick(100, 100.0), Tick(10, 10.0))
    assert age_of(index(age_transactions=transactions, age_seconds=seconds), clock) == expected


def test_large_unused_index_is_a_warning_with_its_cost() -> None:
    """Size and entries written, HOT updates left out, stand in the detail; unknown age is said."""
    [finding] = unused.judge(facts(index()), Limits())
    assert finding.level == "WARN"
    assert "It has 1 GiB, and 13 entries were written to it" in finding.detail
    assert "How old the index is cannot be told" in finding.notes[0]


def test_unknown_size_is_said() -> None:
    """An index whose size is not known yet is judged all the same."""
    [finding] = unused.judge(facts(index(size_bytes=None)), Limits())
    assert "a size not known" in finding.detail


@pytest.mark.parametrize("name", ["i_ccnew", "i_ccold1"])
def test_left_over_of_a_rebuild_is_dropped(name: str) -> None:
    """What REINDEX CONCURRENTLY left is dropped, not built again."""
    left = index(name=name, qualified=f"s.{name}", is_valid=False)
    [finding] = invalid.judge(facts(left), Limits())
    assert finding.mend == (f"DROP INDEX CONCURRENTLY s.{name};",)


def test_invalid_is_not_certain_without_the_right_to_see_builds() -> None:
    """A role that may not see what is being built now gets "cannot tell"."""
    [finding] = invalid.judge(facts(index(is_valid=False), nodes=(node(sees_others=False),)), Limits())
    assert finding.verdict == "cannot tell"


def test_locked_partitions_leave_a_doubt() -> None:
    """An index of a partitioned table is not called unused while tables could not be read."""
    read = facts(index(is_partitioned=True, size_bytes=None), unread={"locked tables": "s.t1"})
    [finding] = unused.judge(read, Limits(smallest_index_bytes=0))
    assert finding.verdict == "cannot tell"


def test_tablespace_stands_before_the_condition() -> None:
    """The definition names the tablespace where the grammar wants it."""
    made = index(definition="CREATE INDEX i ON s.t USING btree (a) WHERE (a > 1)", predicate="(a > 1)", tablespace="f")
    expected = "CREATE INDEX CONCURRENTLY i ON s.t USING btree (a) TABLESPACE f WHERE (a > 1);"
    assert restore.create(made, facts(made)) == (expected,)


def test_new_name_is_free_and_short() -> None:
    """A name that is taken gets a number, a long one is cut."""
    table = facts().tables[2]
    taken = facts(index(name="t_a_idx"))
    assert name_for(table, ["a"], taken).qualified == '"s"."t_a_idx_2"'
    assert len(name_for(table, ["a" * 80], taken).plain) <= 63


ROWS: dict[str, dict[str, Any]] = {
    "wraparound": {"database_name": "d", "used_ratio": 0.6},
    "settings": {"setting_name": "fsync", "setting_value": "off", "advice": "a crash can lose the data: set on"},
    "replication_slots": {
        "slot_name": "o", "slot_type": "physical", "active": False, "retained_bytes": 5000, "wal_status": "lost",
        "inactive_seconds": None,
    },
    "open_transactions": {
        "pid": None, "user_name": "u", "application_name": None, "idle_in_transaction": True, "in_state_seconds": None,
        "transaction_age_seconds": 4000,
    },
}  # fmt: skip

HOURS = {"wal_status": "reserved", "inactive_seconds": 9000}


@pytest.mark.parametrize(
    ("judge", "view", "change", "expected"),
    [
        pytest.param(server.wraparound, "wraparound", {}, ("ERROR", "finding"), id="ids half gone"),
        pytest.param(server.wraparound, "wraparound", {"used_ratio": 0.3}, ("WARN", "finding"), id="ids a third gone"),
        pytest.param(server.wraparound, "wraparound", {"used_ratio": 0.1}, None, id="ids as usual"),
        pytest.param(server.settings, "settings", {}, ("ERROR", "finding"), id="risky setting"),
        pytest.param(server.settings, "settings", {"advice": None}, None, id="good setting"),
        pytest.param(server.slots, "replication_slots", {}, ("ERROR", "finding"), id="slot lost"),
        pytest.param(
            server.slots, "replication_slots", HOURS, ("WARN", "finding"),
            id="slot unused for hours",
        ),
        pytest.param(
            server.slots, "replication_slots", {"wal_status": "reserved", "inactive_seconds": 9},
            ("WARN", "cannot tell"), id="slot unused for a moment",
        ),
        pytest.param(server.slots, "replication_slots", {"active": True}, None, id="slot in use"),
        pytest.param(server.transactions, "open_transactions", {}, ("INFO", "observation"), id="prepared for an hour"),
        pytest.param(
            server.transactions, "open_transactions", {"transaction_age_seconds": 4}, None, id="transaction just begun"
        ),
        pytest.param(
            server.transactions, "open_transactions", {"in_state_seconds": 90}, ("WARN", "observation"), id="idle"
        ),
    ],
)  # fmt: skip
def test_server(judge: Any, view: str, change: dict[str, Any], expected: tuple[str, str] | None) -> None:
    """Each row of a view becomes what it is worth."""
    found = [(each.level, each.verdict) for each in judge(facts(views={view: ({**ROWS[view], **change},)}), Limits())]
    assert found == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("activity", "found"),
    [
        pytest.param(Activity(sequential_scans=500, sequential_tuples_read=500 * 20_000), 1, id="never by index"),
        pytest.param(Activity(sequential_scans=500, sequential_tuples_read=500), 0, id="scans that end early"),
        pytest.param(Activity(sequential_scans=5, sequential_tuples_read=5 * 20_000), 0, id="rarely"),
    ],
)
def test_sequential_scans(activity: Activity, found: int) -> None:
    """A large table is told of when it is often read in whole."""
    large = Table(
        2, "s", "t", "s.t", is_partitioned=False, parent_oid=None, rows=20_000, was_analyzed=True, size_bytes=1
    )
    read = facts(tables={2: large}, nodes=(node(tables={("s", "t"): activity}),))
    assert len(list(tables.read_sequentially(read, Limits()))) == found


def test_nothing_found_is_one_line() -> None:
    """Without findings the text is the summary alone, and Markdown has no table."""
    console = Console(record=True, width=200)
    output.print_text(console, facts(), [])
    assert console.export_text() == (
        "Database d on a:1 (primary, counting for 30 days): 0 findings, 0 cannot tell, 0 observations.\n"
    )
    assert "|" not in output.as_markdown(facts(), [])


def test_details_have_costs_and_call_sites() -> None:
    """Planned costs and who uses the table are part of the text and of Markdown."""
    finding = Finding(
        "missing_foreign_key_index", "WARN", Subject("constraint", "f", "s", "t|x"), "No index.", "Make one.",
        evidence={"planned_cost_now": 1234.5, "planned_cost_with_index": 8.1}, call_sites=("shop: orders.py:7",),
    )  # fmt: skip
    lines = list(output.details(finding))
    assert "Planned cost of the search: 1,234 now, 8 with the index (hypopg)" in lines
    assert "Used by shop: orders.py:7" in lines
    page = output.as_markdown(facts(), [finding])
    assert "- used by shop: orders.py:7" in page
    assert "`s.t\\|x.f`" in page


@pytest.mark.parametrize(("size", "shown"), [(5, "5 bytes"), (2048, "2 KiB"), (3 * 1024**4, "3.0 TiB")])
def test_sizes(size: int, shown: str) -> None:
    """Sizes are written in the unit that fits."""
    assert bytes_shown(size) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(5, "5 s"), (600, "10 minutes"), (9 * 3600, "9 hours"), (9 * DAY, "9 days")]
)
def test_durations(seconds: float, shown: str) -> None:
    """Time spans are written in the unit that fits."""
    assert duration(seconds) == shown
