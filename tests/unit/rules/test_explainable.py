"""Which statements may be handed to EXPLAIN, and what a plan's shape is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from otelmon.rules.backend_pid import is_backend_pid
from otelmon.rules.explainable import called_functions, why_not_explained
from otelmon.rules.plan_shape import plan_hash, plan_shape, redacted_plan
from otelmon.rules.server_text import runs_statement

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SELECT 1", None),
        ("  /* a */ (select 1) ;\n", None),
        ("VALUES (1)", None),
        ("WITH a AS (SELECT 1) SELECT * FROM a", None),
        ("SELECT 1 FOR UPDATE", None),
        ("SELECT 1 FOR NO KEY UPDATE", None),
        ('SELECT "delete" FROM a', None),
        ("SELECT 1 INTO a", "modifies_data"),
        ("WITH a AS (UPDATE b SET c = 1) SELECT 1", "modifies_data"),
        ("WITH a AS (SELECT 1) DELETE FROM b", "modifies_data"),
        ("MERGE INTO a USING b ON true WHEN MATCHED THEN DELETE", "modifies_data"),
        ("SELECT 1; SELECT 2", "several_statements"),
        ("SELECT ';'", "several_statements"),
        ("EXPLAIN SELECT 1", "not_a_query"),
        ("ANALYZE SELECT", "not_a_query"),
        ("DROP TABLE a", "not_a_query"),
        ("SELECT 1".ljust(65_536), None),
        ("SELECT 1".ljust(65_537), "too_long"),
    ],
)
def test_why_not_explained(text: str, reason: str | None) -> None:
    """Only a single reading statement is planned a second time."""
    assert why_not_explained(text) == reason


def test_called_functions() -> None:
    """Names before parentheses, folded as the server folds them; keywords are none, literals hide none."""
    text = 'SELECT Lower(a), s."My""Fn" (1), \'no(\' FROM b WHERE c IN (1) AND EXISTS (SELECT now()) -- x(1)'
    assert called_functions(text) == {"lower", 'My"Fn', "now"}


SCAN = {"Node Type": "Index Scan", "Relation Name": "items", "Index Name": "items_pkey", "Total Cost": 8.3,
        "Index Cond": "(name = 'planted'::text)", "Alias": "i"}  # fmt: skip
PLAN = {"Node Type": "Limit", "Plans": [SCAN, {"Node Type": "Seq Scan", "Relation Name": "b"}], "Parallel Aware": False}


def test_shape_of_a_plan() -> None:
    """Node types with their relations and indexes."""
    assert plan_shape(PLAN) == "Limit(Index Scan items items_pkey, Seq Scan b)"


@pytest.mark.parametrize(
    ("change", "is_same"),
    [
        pytest.param({"Total Cost": 99, "Index Cond": "(name = 'other'::text)", "Alias": "j"}, True, id="values"),
        pytest.param({"Index Name": "other"}, False, id="index"),
        pytest.param({"Node Type": "Seq Scan"}, False, id="node"),
        pytest.param({"Plans": [{"Node Type": "Sort"}]}, False, id="child"),
    ],
)
def test_hash_of_a_plan(change: dict[str, object], is_same: bool) -> None:
    """Costs, aliases and values make no other plan; nodes, relations and indexes do."""
    other = {**PLAN, "Plans": [{**SCAN, **change}, PLAN["Plans"][1]]}
    assert (plan_hash(other) == plan_hash(PLAN)) is is_same


def test_plan_is_shown_without_values() -> None:
    """Conditions and keys lose their constants, names and figures stay, and what is neither is hidden."""
    shown = redacted_plan({**PLAN, "Sort Key": ["lower('planted')"], "Settings": {"a": "'planted'"}, "x": object()})
    assert "planted" not in str(shown)
    assert shown["Plans"][0]["Index Name"] == "items_pkey"
    assert shown["Plans"][0]["Index Cond"] == "(name = ?::text)"
    assert (shown["Plans"][0]["Total Cost"], shown["x"]) == (8.3, "?")


def chain(nodes: int, last: str = "A") -> dict[str, object]:
    """Returns a plan of so many nodes, each within the one before."""
    plan: dict[str, object] = {"Node Type": last}
    for _ in range(nodes - 1):
        plan = {"Node Type": "A", "Plans": [plan]}
    return plan


def test_two_hundred_nodes_below_the_first_are_shown() -> None:
    """What is further down is left out, and a shape is cut after 1024 characters."""
    assert plan_shape(chain(201, "B")) == "A(" * 200 + "B" + ")" * 200
    assert plan_shape(chain(300, "B")) == "A(" * 200 + "A" + ")" * 200
    assert plan_shape({"Node Type": "x" * 2000}) == "x" * 1024


def test_two_hundred_nodes_below_the_first_are_hashed() -> None:
    """The last of them makes another plan, the next does not."""
    assert plan_hash(chain(201)) != plan_hash(chain(201, "B"))
    assert plan_hash(chain(202)) == plan_hash(chain(202, "B"))


@pytest.mark.parametrize("around", [lambda inner: [inner], lambda inner: {"a": inner}], ids=["list", "mapping"])
@pytest.mark.parametrize(("levels", "innermost"), [(200, 1.5), (201, "?")])
def test_two_hundred_levels_are_shown(around: Callable[[object], object], levels: int, innermost: object) -> None:
    """Of lists and mappings within each other, the next is hidden whole."""
    value: object = 1.5
    for _ in range(levels):
        value = around(value)
    shown = redacted_plan({"a": value})["a"]
    for _ in range(200):
        assert isinstance(shown, (list, dict))
        (shown,) = shown.values() if isinstance(shown, dict) else shown
    assert shown == innermost


def test_depth_of_a_plan_is_bounded() -> None:
    """However deep a plan is, reading it ends."""
    deep: dict[str, object] = {"Node Type": "Append"}
    for _ in range(500):
        deep = {"Node Type": "Append", "Plans": [deep]}
    assert len(plan_shape(deep)) <= 1024
    assert len(plan_hash(deep)) == 16
    assert "?" in str(redacted_plan(deep))


@pytest.mark.parametrize(
    ("text", "summary", "runs"),
    [
        ("SELECT a FROM b WHERE c = 'x;y'", "SELECT b", False),
        ("SELECT a FROM b WHERE c = $1", "SELECT b", True),
        ("SELECT a FROM b;", "SELECT b", True),
        ("BEGIN", "SELECT b", False),
        ("FETCH 10 FROM c", "FETCH c", False),
        ("SELECT a FROM other", "SELECT b", False),
        ("SELECT a FROM b; SELECT a FROM b", "SELECT b", False),
    ],
)
def test_statement_that_the_server_runs(text: str, summary: str, runs: bool) -> None:
    """The server's text is a call's if it is one planned statement with the call's summary."""
    assert runs_statement(text, summary) is runs


@pytest.mark.parametrize(("number", "is_one"), [(None, False), (0, False), (-7, False), (1, True), (4_194_304, True),
                                                (4_194_305, False), (1_836_017_711, False)])  # fmt: skip
def test_number_of_a_server_process(number: int | None, is_one: bool) -> None:
    """PgBouncer's numbers are larger than any process has."""
    assert is_backend_pid(number) is is_one
