"""What a store of metrics answers becomes rows of figures, each with its age."""

from __future__ import annotations

import re

import pytest

from otelmon.operate.overview.documents import number, unix_seconds
from otelmon.operate.overview.prometheus import Result, Series
from otelmon.operate.overview.queries import QUERIES, SECTIONS, question
from otelmon.operate.overview.sections import section_of
from otelmon.operate.overview.values import UNKNOWN
from otelmon.signals import BY_NAME

NOW = 1_800_000_000.0
POOL = {"service_name": "shop", "db_client_connection_pool_name": "db:5432/shop#1"}


def answered(*series: tuple[dict[str, str], float]) -> Result:
    """Returns the result of a question."""
    return Result(tuple(Series(labels, ((NOW, value),)) for labels, value in series), "", 0.01)


def test_figures_of_one_thing_stand_in_one_row_with_their_ages() -> None:
    """Value and time are joined by labels; what was not answered is unknown, not zero."""
    result = answered(
        ({**POOL, "figure": "used"}, 7.0),
        ({**POOL, "figure": "used newest"}, NOW - 4.0),
        ({**POOL, "figure": "max"}, 10.0),
        ({**POOL, "figure": "max newest"}, NOW + 2.0),
    )
    (row,) = section_of("pools", result, NOW).rows
    assert row.labels == POOL
    assert (row.figure("used").value, row.figure("used").age) == (7.0, 4.0)
    assert row.figure("max").age == 0.0
    assert row.figure("waiting") == UNKNOWN


def test_a_store_that_is_away_makes_a_section_unknown() -> None:
    """The reason stands where the rows would be, so that none is not taken for nothing."""
    section = section_of("pools", Result((), "no answer within 3 s", 3.0), NOW)
    assert section.rows == ()
    assert section.unknown == "no answer within 3 s"


def test_statements_stand_by_how_often_they_were_slow() -> None:
    """The first row is the one to look at."""
    calls = [({"db_operation_name": name, "figure": "slow"}, value) for name, value in (("A", 1.0), ("B", 9.0))]
    rows = section_of("statements", answered(*calls), NOW).rows
    assert [row.labels["db_operation_name"] for row in rows] == ["B", "A"]


@pytest.mark.parametrize("section", SECTIONS)
def test_questions_ask_for_metrics_that_exist(section: str) -> None:
    """Every metric of a question is one of otelmon's own in Prometheus' names, or one of the Collector's."""
    known = {re.sub(r"[^a-z0-9]", "_", name) for name in BY_NAME}
    suffixes = r"(_ratio|_seconds|_bytes)?(_total|_count|_bucket)?$"
    for each in QUERIES:
        if each.section == section:
            name = each.metric.partition("{")[0]
            assert re.sub(suffixes, "", name) in known or name in known or name.startswith("otelcol_"), name
    assert question(section).count("label_replace(") == 2 * sum(each.section == section for each in QUERIES)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-11-27T09:00:00Z", 1795770000.0),
        ("2026-11-27T10:00:00.123456789+01:00", 1795770000.123456),
        ("yesterday", None),
        (None, None),
        (17, None),
    ],
)
def test_times_of_alertmanager_are_read(text: object, seconds: float | None) -> None:
    """Nanoseconds and both forms of a zone are read; anything else is unknown."""
    assert unix_seconds(text) == seconds


@pytest.mark.parametrize(
    ("value", "read"), [("1.5", 1.5), (2, 2.0), ("NaN", None), ("+Inf", None), (None, None), ([], None)]
)
def test_what_is_no_number_is_unknown(value: object, read: float | None) -> None:
    """Stores write NaN where they know nothing."""
    assert number(value) == read
