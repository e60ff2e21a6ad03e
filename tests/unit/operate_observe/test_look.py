"""A look becomes one query, and its rows become points."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from otelmon import signals
from otelmon.operate.observe.catalogue import LOOKS, NOT_READ
from otelmon.operate.observe.look import Look, Measure, needs, plan
from otelmon.operate.observe.points import Point, number, points_of
from otelmon.operate.sql import files

KNOWN = frozenset({"size", "name", "age"})
LOOK = Look(
    "tables",
    60,
    (Measure("m.size", "size"), Measure("m.age", "max(age)", (("kind", "x"),))),
    labels=(("name", "name"),),
    where="size > 0",
    order="size DESC",
    limit=7,
    watched=("age",),
    reset_at="age",
)


def test_query_asks_for_what_is_needed_and_no_more() -> None:
    """Labels, measures, watched columns and the reset are selected, from the view, with a limit."""
    found = plan(LOOK, KNOWN, KNOWN)
    assert found is not None
    assert found.text == (
        "SELECT name AS l0, size AS m0, max(age) AS m1, age, age AS since FROM otelmon.tables "
        "WHERE size > 0 ORDER BY size DESC LIMIT 7"
    )


def test_groups_are_those_of_the_labels() -> None:
    """A grouped look groups by its labels."""
    found = plan(Look("v", 1, (Measure("m", "sum(size)"),), (("a", "name"), ("b", "age")), grouped=True), KNOWN, KNOWN)
    assert found is not None
    assert "GROUP BY 1, 2" in found.text


def test_an_older_schema_is_read_in_part() -> None:
    """Measures whose columns are not there are left out and named."""
    found = plan(LOOK, KNOWN, KNOWN - {"age"})
    assert found is not None
    assert ([measure.metric for _, measure in found.measures], found.missing) == (["m.size"], ("age",))
    assert "age" not in found.text


@pytest.mark.parametrize("gone", ["name", "size"])
def test_without_labels_or_conditions_nothing_is_read(gone: str) -> None:
    """Where a label or a condition cannot be had, figures would lie: there is no plan."""
    assert plan(LOOK, KNOWN, KNOWN - {gone}) is None


def test_words_in_quotes_are_no_columns() -> None:
    """Text within an expression is not taken for a column."""
    assert needs("current_setting('size')::bigint / age") & KNOWN == {"age"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, None), (True, 1), (3, 3), (2.5, 2.5), (Decimal(10**20), 10**20), (Decimal("1.5"), 1.5), ("text", None)],
    ids=str,
)
def test_number(value: object, expected: float | None) -> None:
    """Whole decimals stay exact; what is no number is unknown."""
    assert number(value) == expected


def points(look: Look, *rows: dict[str, Any]) -> list[Point]:
    """Returns the points of a look at rows."""
    found = plan(look, KNOWN, KNOWN)
    assert found is not None
    return points_of(found, rows)


def test_rows_become_points() -> None:
    """Each measure of each row is a point with the labels of the row; an unknown value gives none."""
    rows = [{"l0": "a", "m0": 1, "m1": None, "since": "t"}, {"l0": None, "m0": 2, "m1": 3, "since": "t"}]
    assert points(LOOK, *rows) == [
        Point("m.size", 1, (("name", "a"),), "t"),
        Point("m.size", 2, (), "t"),
        Point("m.age", 3, (("kind", "x"),), "t"),
    ]


@pytest.mark.parametrize(
    ("fold", "values", "expected"),
    [
        ("count", [1, 1], [2]),
        ("sum", [1, 2], [3]),
        ("max", [1, None, 4], [4]),
        ("max", [], [0]),
        ("max", [None], []),
    ],
    ids=["count", "sum", "max", "no rows", "not known"],
)
def test_folded_rows_give_one_point(fold: Any, values: list[int | None], expected: list[int]) -> None:
    """No rows are 0; rows of which not one is known give nothing."""
    found = points(Look("v", 1, (Measure("m", "age", fold=fold),)), *({"m0": value} for value in values))
    assert [point.value for point in found] == expected


def test_every_view_is_read_or_excused() -> None:
    """The catalogue looks at every view of the schema once, save those of which it says why not."""
    looked = [look.view for look in LOOKS]
    assert sorted([*looked, *NOT_READ]) == sorted(files.views())


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.view)
def test_columns_and_metrics_exist(look: Look) -> None:
    """Every word of a look that is neither SQL nor a function is a column; every metric and attribute is described."""
    description = files.views()[look.view].description
    assert description is not None
    columns = frozenset(name for name, _ in description.columns)
    functions = {"count", "sum", "max", "coalesce", "current_database", "current_setting", "integer", "bigint", "text"}
    words = {"filter", "where", "and", "not", "then", "case", "when", "else", "end", "nulls", "last", "desc"}
    texts = [look.where, look.order, look.reset_at, *look.watched, *(expression for _, expression in look.labels)]
    texts += [measure.value for measure in look.measures]
    assert frozenset().union(*(needs(text.lower()) for text in texts)) - functions - words <= columns
    for measure in look.measures:
        attributes = {name for name, _ in (*look.labels, *measure.attributes)}
        assert (attributes if not measure.fold else set()) <= set(signals.BY_NAME[measure.metric].attributes)


def test_every_metric_has_one_source() -> None:
    """Each metric of the catalogue is measured by one view, or is one of the observer's own five."""
    views = {measure.metric: set() for look in LOOKS for measure in look.measures}
    for look in LOOKS:
        for measure in look.measures:
            views[measure.metric].add(look.view)
    own = {each.name for each in signals.POSTGRESQL_METRICS} - views.keys()
    assert own == {f"otelmon.postgresql.{name}" for name in ("up", "view.up", "view.age", "view.duration", "connects")}
    assert [name for name, found in views.items() if len(found) > 1 and ".index.findings" not in name] == []
