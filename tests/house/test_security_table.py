"""SECURITY.md: every risk has its tests, and they are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in (ROOT / "SECURITY.md").read_text().splitlines()
    if line.startswith("| ") and not line.startswith("| risk")
]
# As many as the risks that the table started with; a row is mended, not dropped.
FEWEST = 12


def linked_by(row: list[str]) -> list[Path]:
    """Returns the files and folders that a row links to."""
    return [ROOT / target for target in re.findall(r"\]\(([^)]+)\)", row[-1])]


def test_every_risk_has_a_test_that_is_there() -> None:
    """Each row has a risk, a rule, and links into tests/; a folder has tests in it."""
    assert len(ROWS) >= FEWEST
    assert [row for row in ROWS if len(row) != 3 or not all(row) or not linked_by(row)] == []
    linked = [path for row in ROWS for path in linked_by(row)]
    assert [path for path in linked if not path.is_relative_to(ROOT / "tests")] == []
    assert [path for path in linked if not path.is_file() and not list(path.glob("test_*.py"))] == []
