"""Every panel of every dashboard shows what happened, as other witnesses tell it.

Witnesses: the plan of the traffic, the spans in Jaeger, PostgreSQL itself, and the configuration of the parts.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from demo.parts.places import ROOT
from demo.parts.waiting import wait_for
from otelmon.operate.dashboards.catalogue import DASHBOARDS
from otelmon.operate.dashboards.promql import Dialect, spelled
from tests.page.ground_truth import TRUTH

if TYPE_CHECKING:
    from otelmon.operate.dashboards.panel import Panel
    from tests.page.scenario import Scenario

pytestmark = pytest.mark.parts

ALL = Dialect({"RANGE": "30m", "STEP": "30m", "RATE": "30m"}, variables=False)
PANELS = [
    pytest.param(board.tier, panel, id=f"{board.tier}: {panel.key}") for board in DASHBOARDS for panel in board.panels
]
SECONDS_TO_SHOW = 20.0


def test_every_panel_has_a_truth() -> None:
    """No panel is left unchecked, and no check is of a panel that has gone."""
    assert set(TRUTH) == {(board.tier, panel.key) for board in DASHBOARDS for panel in board.panels}


@pytest.mark.parametrize(("tier", "panel"), PANELS)
def test_panel_shows_what_happened(tier: str, panel: Panel, watched: Scenario) -> None:
    """Each question of the panel is asked of the filled store, and its answer equals the truth."""
    check, problem = TRUTH[tier, panel.key], ""

    def holds() -> bool:
        nonlocal problem
        try:
            check(watched, [watched.metrics.query(spelled(query.promql, ALL)) for query in panel.queries])
        except AssertionError as error:
            problem = str(error)
            return False
        return True

    # What a thing is now may be told a moment later; a count that is wrong stays wrong.
    assert wait_for(holds, SECONDS_TO_SHOW, between=1.0), problem


def test_the_page_of_victoriametrics_has_the_same(watched: Scenario) -> None:
    """It serves all four from the files that ship."""
    with urlopen(f"{watched.stack.victoriametrics.url}/vmui/custom-dashboards", timeout=10) as response:
        served = {each["title"]: each for each in json.load(response)["dashboardsSettings"]}
    shipped = [json.loads(each.read_text()) for each in sorted((ROOT / "dashboards" / "vmui").glob("*.json"))]
    assert sorted(served) == sorted(each["title"] for each in shipped)
    for each in shipped:
        expressions = [panel["expr"] for row in each["rows"] for panel in row["panels"]]
        assert [panel["expr"] for row in served[each["title"]]["rows"] for panel in row["panels"]] == expressions
        for expression in (one for panel in expressions for one in panel):
            watched.metrics.query(expression)


def test_choices_narrow_what_is_shown(watched: Scenario) -> None:
    """Service, environment and database are labels of the store; another service has no slow calls."""
    (slow,) = [panel for board in DASHBOARDS for panel in board.panels if panel.key == "slow calls"]
    asked = spelled(slow.queries[0].promql, Dialect(ALL.lengths, variables=True))
    for service, found in (("contributors", [watched.slow()]), ("another", [])):
        chosen = asked.replace("$service", service).replace("$environment", "test").replace("$database", "contributors")
        assert [each.value for each in watched.metrics.query(chosen)] == found


@pytest.mark.skipif(sys.version_info < (3, 11), reason="grafana-foundation-sdk needs Python 3.11")
def test_a_new_version_is_marked(watched: Scenario) -> None:
    """The annotation has points for the version that began to run, and for five minutes only."""
    from dashboards.grafana import DEPLOYED

    expression = spelled(DEPLOYED, Dialect(ALL.lengths, variables=False))
    marked = watched.metrics.query(f"count_over_time(({expression})[1h:15s])")
    assert [each.labels["service_version"] for each in marked] == ["1.4.2"]
    # One mark each 15 s, for five minutes at the most.
    assert 1 <= marked[0].value <= 21
