"""otelmon has not become dearer than it was, beside plain OpenTelemetry in the same minute on the same machine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.ratios import DELIVERED

ROOT = Path(__file__).parents[2]


@pytest.mark.parts
@pytest.mark.timeout(600)
def test_no_dearer_than_the_committed_baseline() -> None:
    """No ratio to OpenTelemetry with metrics is worse by more than a quarter, and everything arrived."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=580,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)["summary"]
    assert [work for work, by_variant in summary.items() if by_variant["otelmon"]["delivered"] < DELIVERED] == []
