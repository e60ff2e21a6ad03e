"""An audit without an answer is not a good one."""

from __future__ import annotations

import json

import pytest

from tests.supply_chain.audit import Verdict, told, verdict

GOOD = {"name": "a", "version": "1.0", "vulns": []}
HOLE = {"name": "b", "version": "2.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"]}]}
SKIPPED = {"name": "c", "skip_reason": "Dependency not found on PyPI and could not be audited: c (1.0)"}


def report(*packages: dict[str, object]) -> str:
    """Returns a report as pip-audit writes it."""
    return json.dumps({"dependencies": packages, "fixes": []})


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (report(GOOD), "l: 1 packages checked, no known vulnerability"),
        (report(GOOD, SKIPPED), "l: 1 packages checked, no known vulnerability, 1 not checked"),
        (report(GOOD, HOLE), "l: 1 vulnerabilities: b 2.0: PYSEC-1, fixed in 2.1"),
        (report(SKIPPED), "l: not checked, the vulnerability service did not answer"),
        (report(), "l: not checked, the vulnerability service did not answer"),
        ("", "l: not checked, the vulnerability service did not answer"),
        ("[]", "l: not checked, the vulnerability service did not answer"),
    ],
    ids=["good", "partly", "hole", "skipped", "empty", "no report", "other report"],
)
def test_line_of_a_lock(text: str, line: str) -> None:
    """Only a package with an answer counts as checked."""
    assert told("l", verdict(text)) == line


def test_a_hole_is_told_whatever_else_was_skipped() -> None:
    """What was not checked hides nothing that was found."""
    assert verdict(report(SKIPPED, HOLE)) == Verdict(1, 1, ("b 2.0: PYSEC-1, fixed in 2.1",))
