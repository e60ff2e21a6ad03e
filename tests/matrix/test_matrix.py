"""The matrix of releases says what it tried, and of what it could not try that it did not."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests.matrix import environment, interpreters, page
from tests.matrix.cells import CELLS, RELEASES, Cell
from tests.matrix.trial import Result, chosen_tests

if TYPE_CHECKING:
    from pathlib import Path


def test_cells_have_names_of_their_own() -> None:
    """No two cells are written into one line, and each kind of release is tried."""
    assert len({each.name for each in CELLS}) == len(CELLS)
    assert {each.opentelemetry for each in CELLS} == set(RELEASES)


def test_chosen_tests_are_there() -> None:
    """What a cell runs exists."""
    missing = [each for cell in CELLS for each in chosen_tests(cell) if not (environment.ROOT / each).exists()]
    assert missing == []


def test_interpreters() -> None:
    """The interpreter of this run is found by its version, and none where there is none."""
    found = interpreters.find(".".join(map(str, sys.version_info[:2])))
    assert found is not None
    assert interpreters.find("3.99") is None


def test_floor_is_that_of_the_project() -> None:
    """The oldest releases are pinned for every package of OpenTelemetry that is asked for; the locked ones are not."""
    cell = Cell(opentelemetry="floor")
    names = {each.partition("==")[0] for each in environment.chosen(cell)}
    assert {"opentelemetry-sdk", "opentelemetry-instrumentation-psycopg2"} <= names
    assert [each for each in environment.locked(cell) if each.startswith("opentelemetry-")] == []
    assert [each for each in environment.locked(Cell()) if each.startswith("opentelemetry-sdk==")]


def test_page_keeps_what_it_knows(tmp_path: Path) -> None:
    """A run of one cell leaves the lines of others, and a cell that never ran says so."""
    first, second, third = CELLS[:3]
    target = tmp_path / "page.md"
    page.write([Result(first, "not run", "no interpreter")], CELLS, target)
    page.write([Result(second, "passed", python="3.11.7", passed=5)], CELLS, target)
    lines = page.kept(target.read_text())
    assert list(lines) == [each.name for each in CELLS]
    assert "not run: no interpreter" in lines[first.name]
    assert "5 passed" in lines[second.name]
    assert "not tried yet" in lines[third.name]
