"""The same tests hold with SQLAlchemy 2.0, which lies outside of the main environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
RELEASE = ROOT / ".cache" / "sqlalchemy20"
TESTS = sorted(each.name for each in HERE.glob("test_*.py") if each.name != Path(__file__).name)


@pytest.mark.parametrize("name", TESTS)
@pytest.mark.usefixtures("postgres_dsn")
def test_with_sqlalchemy_20(name: str) -> None:
    """Every way, pool and fault passes in a process of its own that finds 2.0 first."""
    assert (RELEASE / ".locked").is_file(), "SQLAlchemy 2.0 is missing: make .cache/sqlalchemy20/.locked"
    environment = {**os.environ, "PYTHONPATH": f"{RELEASE}{os.pathsep}{ROOT}", "EXPECTED_SQLALCHEMY": "2.0."}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(HERE / name)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stdout[-4000:]
