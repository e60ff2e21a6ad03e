"""Beside OpenTelemetry's own instrumentations a statement has one span."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
RELEASE = ROOT / ".cache" / "sqlalchemy20"
THEIRS = "opentelemetry.instrumentation.sqlalchemy"


def found(driver: str, dsn: str) -> dict[str, object]:
    """Returns who made which span of one statement, and how many statements were counted."""
    environment = {**os.environ, "PYTHONPATH": f"{RELEASE}{os.pathsep}{ROOT}"}
    command = [sys.executable, str(HERE / "instrumented.py"), driver, dsn]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr[-2000:]
    result: dict[str, object] = json.loads(done.stdout)
    return result


@pytest.mark.parametrize("driver", ["psycopg2", "psycopg", "asyncpg", "sqlite"])
def test_instrumentation_of_sqlalchemy_keeps_its_span(driver: str, dsn: str) -> None:
    """Theirs is the only span, and otelmon counts the call."""
    result = found(driver, dsn)
    assert [scope for scope, _ in result["spans"]] == [THEIRS]
    assert result["counted"] >= 1


def test_instrumentation_of_asyncpg_makes_way(dsn: str) -> None:
    """Otelmon's spans are the only ones, each once."""
    result = found("asyncpg alone", dsn)
    assert result["spans"] == [["otelmon", "SELECT"], ["otelmon", "PREPARE"], ["otelmon", "SELECT"]]
    assert result["counted"] == 2
