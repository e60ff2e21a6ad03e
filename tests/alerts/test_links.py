"""Where alerts lead: each link of a rendered rule is answered."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from otelmon.operate.alerts.catalogue import ALERTS
from otelmon.operate.page.app import KEEPS
from otelmon.operate.page.runbook import runbook

ROOT = Path(__file__).parents[2]
ANNOTATIONS = [
    rule["annotations"]
    for path in sorted((ROOT / "alerts" / "rules").glob("*.yaml"))
    for rule in yaml.safe_load(path.read_text())["groups"][0]["rules"]
]


@pytest.mark.parametrize("alert", ALERTS)
def test_runbook_is_served(alert: str) -> None:
    """`otelmon page` has the page of every alert, with links that lead to pages it has too."""
    text = runbook(alert)
    assert text is not None
    assert f"# {alert}" in text
    assert all(runbook(name) for name in re.findall(r'href="/runbook/(\w+)"', text))


@pytest.mark.parametrize("name", ["", "../signals", "Nothing", "a" * 100, "%2e%2e"])
def test_other_files_are_not_served(name: str) -> None:
    """Only names of pages lead to files."""
    assert runbook(name) is None


def test_links_of_rules_are_known_to_the_page() -> None:
    """Runbook and trace search are addresses of `otelmon page`, the reason of keeping one that it knows."""
    for each in ANNOTATIONS:
        assert each["runbook_url"].rpartition("/")[2] in ALERTS
        keep = re.search(r"keep=(\w+)", each.get("traces_url", "keep=error"))
        assert keep is not None
        assert keep[1] in KEEPS


def test_dashboards_are_those_that_ship() -> None:
    """Each link to a dashboard names one by the uid that its file has."""
    files = (ROOT / "dashboards" / "grafana").glob("*.json")
    known = {json.loads(path.read_text())["uid"] for path in files}
    assert {re.search(r"/d/([\w-]+)", each["dashboard_url"])[1] for each in ANNOTATIONS} <= known  # type: ignore[index]  # every link has one
