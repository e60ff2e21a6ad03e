"""Rules and faults pair one to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from otelmon.operate.drill.fault import Fault, Stage
from otelmon.operate.drill.pairing import rules_of, unpaired
from otelmon.operate.errors import OperateError

if TYPE_CHECKING:
    from pathlib import Path

RULES = """
groups:
  - name: one
    rules:
      - {alert: Slow, expr: a > 1, labels: {severity: warning}}
      - {alert: Slow, expr: a > 2, labels: {severity: critical}}
      - {record: ignored, expr: b}
"""


def fault(*rules: tuple[str, str], extra: bool = False) -> Fault:
    """Returns a fault that proves rules and does nothing."""
    stages = tuple(Stage(rule, "nothing", lambda: None) for rule in rules)
    return Fault("nothing", stages, lambda: None, extra=extra)


def test_rules_are_told_apart_by_alert_and_severity(tmp_path: Path) -> None:
    """Recording rules are none of ours."""
    path = tmp_path / "rules.yaml"
    path.write_text(RULES)
    assert list(rules_of([path])) == [("Slow", "warning"), ("Slow", "critical")]


@pytest.mark.parametrize(
    "text", ["groups: [", "groups: 3", "{}", RULES + "      - {alert: Slow, labels: {severity: warning}}"]
)
def test_what_is_no_file_of_rules_is_named(tmp_path: Path, text: str) -> None:
    """A file that cannot be read, or has a rule twice, is an error that names it."""
    path = tmp_path / "rules.yaml"
    path.write_text(text)
    with pytest.raises(OperateError, match=r"rules\.yaml"):
        rules_of([path])


def test_each_side_that_is_left_over_is_a_line() -> None:
    """A rule without fault, a fault without rule, and a rule proved twice are told; a second proof may be extra."""
    rules = [("One", "warning"), ("Two", "warning"), ("Three", "critical")]
    faults = [fault(("One", "warning"), ("Two", "warning")), fault(("Two", "warning"), ("Four", "none"))]
    assert unpaired(rules, faults) == [
        "Three (critical) has no fault",
        "Four (none) is no rule",
        "Two (warning) has 2 faults",
    ]
    assert unpaired(rules[:1], [fault(rules[0]), fault(rules[0], extra=True)]) == []
