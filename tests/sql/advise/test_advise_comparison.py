"""The table of docs/advise.md: of the corpus as it is, and no better than the comparison shows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sql.advise.comparison import BEGIN, END, PAGE, counted
from tests.sql.advise.corpus import CASES, QUESTIONS
from tests.sql.advise.others import VARIABLES

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("question", QUESTIONS)
def test_table_counts_the_cases_that_there_are(question: str) -> None:
    """The numbers of traps and innocents in the table are those of the corpus."""
    table = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    assert f"| {question} | {counted([case for case in CASES if case.question == question])} | 1.00 / 1.00 |" in table


@pytest.mark.suites
def test_comparison_runs() -> None:
    """With clones of splinter and PgHero the command writes the table anew."""
    missing = [name for name in VARIABLES.values() if not os.environ.get(name)]
    if missing:
        pytest.skip(f"set {' and '.join(missing)} to clones")
    before = PAGE.read_text(encoding="utf-8")
    try:
        command = [sys.executable, "-m", "tests.sql.advise.comparison"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert "Wrong of otelmon advise: none." in done.stdout
        assert "Wrong of splinter" in done.stdout
        assert "Wrong of PgHero" in done.stdout
    finally:
        PAGE.write_text(before, encoding="utf-8")
