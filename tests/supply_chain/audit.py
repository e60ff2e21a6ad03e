"""Holds every lock against the known vulnerabilities: make audit.

A package that the service did not answer for is not checked, and is never counted as good: of such a run pip-audit
says "No known vulnerabilities found". Exit code 0: nothing found, or not checked; 1: vulnerabilities; 2: could not run.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / ".cache" / "audit" / "bin" / "pip-audit"
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
SECONDS = 120


class Verdict(NamedTuple):
    """Holds what is known of one lock: packages with an answer, packages without, and found vulnerabilities."""

    checked: int
    unchecked: int
    found: tuple[str, ...]


def verdict(report: str) -> Verdict | None:
    """Returns what pip-audit's JSON says, None where it is no such report.

    Args:
        report: of ``pip-audit --format json``; a package that was skipped has a ``skip_reason``.
    """
    try:
        packages = json.loads(report)["dependencies"]
        answered = [each for each in packages if "skip_reason" not in each]
        found = tuple(
            f"{each['name']} {each['version']}: {hole['id']}, fixed in {' '.join(hole['fix_versions']) or 'no release'}"
            for each in answered
            for hole in each["vulns"]
        )
    except (ValueError, KeyError, TypeError):
        return None
    return Verdict(len(answered), len(packages) - len(answered), found)


def told(lock: str, known: Verdict | None) -> str:
    """Returns the line of a lock."""
    if known is None or known.checked == 0:
        return f"{lock}: not checked, the vulnerability service did not answer"
    if known.found:
        return f"{lock}: {len(known.found)} vulnerabilities: {'; '.join(known.found)}"
    rest = f", {known.unchecked} not checked" if known.unchecked else ""
    return f"{lock}: {known.checked} packages checked, no known vulnerability{rest}"


def main() -> int:
    """Audits each lock and prints a line for it."""
    if not PROGRAM.exists():
        print(f"{PROGRAM.relative_to(ROOT)} is not there: make audit brings it", file=sys.stderr)
        return 2
    verdicts = {lock.name: _audited(lock) for lock in LOCKS}
    for name, known in verdicts.items():
        print(told(name, known), flush=True)
    return int(any(known and known.found for known in verdicts.values()))


def _audited(lock: Path) -> Verdict | None:
    command = [
        PROGRAM,
        "--requirement",
        lock,
        "--disable-pip",
        "--no-deps",
        "--format",
        "json",
        "--progress-spinner",
        "off",
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return None
    return verdict(done.stdout)


if __name__ == "__main__":
    raise SystemExit(main())
