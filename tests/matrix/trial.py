"""Runs a short set of tests in the environment of one cell, against the wheel, and counts how they ended."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from tests.matrix import environment, interpreters
from tests.sql import servers

if TYPE_CHECKING:
    from tests.matrix.cells import Cell

ROOT = Path(__file__).parents[2]
SECONDS = 600
UNIT = tuple(
    f"tests/unit/{each}"
    for each in (
        "exporters", "gauges", "hooks_psycopg2", "launch", "test_guard.py", "test_ledger.py", "test_settings.py",
    )
)  # fmt: skip
CONTRACT = tuple(
    f"tests/contract/test_{each}.py"
    for each in (
        "sdk", "psycopg2", "psycopg2_pool_fields", "finished_spans", "flask_spans", "histograms", "span_bytes",
        "urllib3_headers",
    )
)  # fmt: skip
WAYS = ("tests/integration/psycopg2/test_ways.py", "tests/integration/psycopg2/test_promotion.py")
VIEWS = ("tests/sql/test_sql_install.py", "tests/sql/test_sql_reader.py")
SHOWN = ("opentelemetry-sdk", "opentelemetry-instrumentation", "psycopg2-binary")


@dataclass
class Result:
    """Holds what one cell gave: whether it ran, why not, which releases it had, and how many tests ended how."""

    cell: Cell
    verdict: str
    why: str = ""
    python: str = ""
    releases: dict[str, str] = field(default_factory=dict)
    passed: int = 0
    failed: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Returns plain values."""
        return {**asdict(self), "cell": self.cell._asdict()}


def chosen_tests(cell: Cell) -> tuple[str, ...]:
    """Returns which tests say something of a cell."""
    return (*WAYS, *VIEWS) if cell.server else (*UNIT, *CONTRACT, *WAYS)


def run(cell: Cell, wheel: Path) -> Result:
    """Makes the environment of a cell and runs its tests in it."""
    found = interpreters.find(cell.python)
    if found is None:
        return Result(cell, "not run", "no interpreter")
    interpreter, version = found
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            python = environment.make(cell, interpreter, wheel, folder)
            result = Result(cell, "passed", python=version, releases=environment.releases(python, SHOWN))
            _tested(result, python, folder)
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            return Result(cell, "not run", " ".join(str(error).split()), version)
    return result


def _tested(result: Result, python: Path, folder: Path) -> None:
    report = folder / "report.xml"
    options = ["-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-m", "not suites and not fault"]
    command = [str(python), "-m", "pytest", *options, f"--junitxml={report}", *chosen_tests(result.cell)]
    done = subprocess.run(
        command, cwd=_clone_without_package(folder), env=_variables(result.cell), capture_output=True, text=True,
        timeout=SECONDS, check=False,
    )  # fmt: skip
    if not report.is_file():
        raise RuntimeError(f"the tests did not start: {(done.stderr or done.stdout)[-300:]}")
    ends = [(_named(each), _ended(each)) for each in ET.parse(report).iter("testcase")]  # noqa: S314 - pytest wrote it
    result.passed = Counter(word for _, word in ends)["passed"]
    result.failed = sorted(name for name, word in ends if word == "failed")
    if result.failed or not result.passed:
        result.verdict = "failed"


def _clone_without_package(folder: Path) -> Path:
    """Returns a folder with all of the clone but the package, so that it is the wheel that is imported."""
    clone = folder / "clone"
    clone.mkdir()
    for each in ROOT.iterdir():
        if each.name not in ("otelmon", ".venv", ".git"):
            (clone / each.name).symlink_to(each)
    return clone


def _variables(cell: Cell) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL", "PYTEST", "PYTHON"))}
    # What is imported from a folder of links would write its caches into the clone.
    kept["PYTHONDONTWRITEBYTECODE"] = "1"
    if cell.server:
        kept |= {"OTELMON_TEST_POSTGRES": cell.server, "OTELMON_DEMO_POSTGRES": str(servers.programs(cell.server))}
    return kept


def _named(case: ET.Element) -> str:
    return f"{case.get('classname')}::{case.get('name')}"


def _ended(case: ET.Element) -> str:
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    return "skipped" if case.find("skipped") is not None else "passed"
