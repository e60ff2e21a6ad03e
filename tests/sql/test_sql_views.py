"""Every view has a case and an expected output of its number and name, and passes as owner and as reader."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from otelmon.operate.sql import files
from tests.sql.case import Run, sections

if TYPE_CHECKING:
    from tests.sql.database import Database

HERE = Path(__file__).parent
CASES = sorted((HERE / "cases").glob("*.sql"))
VIEWS = files.views()


def test_every_view_has_case_and_expected_output() -> None:
    """No view is without a test, and no case without a view."""
    views = sorted(file.file_name.removesuffix(".sql") for file in VIEWS.values())
    assert [path.stem for path in CASES] == views
    assert sorted(path.stem for path in (HERE / "expected").glob("*.out")) == views


@pytest.mark.parametrize("case", [pytest.param(path, id=path.stem) for path in CASES])
def test_case_prints_what_is_expected(database: Database, case: Path) -> None:
    """The view shows what the case made, and nothing before, to the owner and to the reader alike."""
    expected = sections((HERE / "expected" / f"{case.stem}.out").read_text(encoding="utf-8"))
    assert Run(database, expected).output(case) == expected


def test_columns_are_described_in_their_order(database: Database) -> None:
    """The catalog has the columns that each file lists, in that order, each with its meaning."""
    query = """SELECT c.relname, a.attname, pg_catalog.col_description(c.oid, a.attnum) FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE c.relkind = 'v' AND c.relnamespace = 'otelmon'::regnamespace ORDER BY c.relname, a.attnum"""
    described = [
        (name, *column)
        for name, file in sorted(files.views(database.server.major).items())
        if file.description
        for column in file.description.columns
    ]
    assert database.rows(query) == described


def test_no_view_has_a_column_of_live_query_text(database: Database) -> None:
    """Only normalized texts of pg_stat_statements are shown, in two views."""
    query = """SELECT table_name FROM information_schema.columns WHERE table_schema = 'otelmon'
        AND column_name LIKE '%query%' AND data_type <> 'bigint' ORDER BY 1"""
    assert database.rows(query) == [("slow_statements",), ("statements",)]


def test_figures_carry_their_unit(database: Database) -> None:
    """A column that is measured in fractions ends in its unit, or it is a mean per something."""
    query = """SELECT table_name || '.' || column_name FROM information_schema.columns
        WHERE table_schema = 'otelmon' AND data_type IN ('double precision', 'numeric', 'interval')
        AND column_name !~ '_(seconds|bytes|ratio|per_scan|per_file)$' AND column_name !~ '^bytes_per_'
        AND column_name NOT IN ('metric_value', 'threshold_value')"""
    assert database.rows(query) == []


def test_nothing_runs_with_the_rights_of_its_owner(database: Database) -> None:
    """There is no SECURITY DEFINER function, each has a fixed path, and since 15 views ask as their reader."""
    definer = "SELECT proname FROM pg_proc WHERE pronamespace = 'otelmon'::regnamespace AND prosecdef"
    loose = """SELECT proname FROM pg_proc WHERE pronamespace = 'otelmon'::regnamespace
        AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (proconfig), false)"""
    views = """SELECT relname FROM pg_class WHERE relnamespace = 'otelmon'::regnamespace AND relkind = 'v'
        AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)"""
    assert database.rows(definer) + database.rows(loose) == []
    assert database.server.major < 15 or database.rows(views) == []
