"""The folder alerts/ holds what the command renders from the shipped thresholds."""

from __future__ import annotations

from pathlib import Path

from otelmon.operate.alerts import files
from otelmon.operate.alerts.given import Given

ROOT = Path(__file__).parents[2]


def test_rendered_defaults_are_current() -> None:
    """``otelmon alerts render`` would change nothing in alerts/."""
    assert files.differences(ROOT / "alerts", files.rendered(Given())) == {}
