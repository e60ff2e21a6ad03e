"""The same rules and tests in Prometheus itself: ``make test-prometheus`` builds promtool, which takes long."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from demo.parts import programs

if TYPE_CHECKING:
    from demo.parts.steps import Steps

ROOT = Path(__file__).parents[2]
PROMTOOL = (ROOT / "parts" / "prometheus", "github.com/prometheus/prometheus/cmd/promtool", "promtool")
FILES = sorted((ROOT / "alerts" / "tests").glob("*.yaml"))
pytestmark = [pytest.mark.suites, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def promtool(steps: Steps) -> Path:
    """Returns the real program, built from its Go module."""
    return programs.go_program(steps, *PROMTOOL)


@pytest.mark.parametrize("file", [pytest.param(path, id=path.stem) for path in FILES])
def test_rules_do_the_same_in_prometheus(file: Path, promtool: Path, tmp_path: Path) -> None:
    """Prometheus takes each file of rules, and its tests, which differ in two words only, pass."""
    shutil.copytree(ROOT / "alerts" / "rules", tmp_path / "rules")
    (tmp_path / "tests").mkdir()
    text = file.read_text().replace("metricsql_expr_test", "promql_expr_test")
    test = tmp_path / "tests" / file.name
    test.write_text(re.sub(r"^( *)- value: 1$", r'\1- labels: "{}"\n\1  value: 1', text, flags=re.MULTILINE))
    for command in (("check", "rules", str(tmp_path / "rules" / file.name)), ("test", "rules", str(test))):
        done = subprocess.run([promtool, *command], capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
