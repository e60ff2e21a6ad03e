"""The linter, the formatter and the type checker, so that one summary covers everything that must hold."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("ruff", "check", "--quiet", "--output-format=concise", "."), id="ruff check"),
        pytest.param(("ruff", "format", "--check", "--quiet", "."), id="ruff format"),
        pytest.param(("mypy", "--no-error-summary"), id="mypy"),
    ],
)
def test_check_finds_nothing(command: tuple[str, ...]) -> None:
    """The check of the whole repository has nothing to say."""
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
