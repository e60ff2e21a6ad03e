"""The rendered dashboards: current, of the form that Grafana and VictoriaMetrics read, and asking for what exists."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from otelmon.operate.alerts.catalogue import RULES
from otelmon.operate.alerts.thresholds import BY_NAME as THRESHOLDS
from otelmon.operate.dashboards.catalogue import DASHBOARDS
from otelmon.operate.dashboards.promql import GRAFANA, VMUI, counted, spelled
from otelmon.signals import BY_NAME

ROOT = Path(__file__).parents[3]
FILES = ROOT / "dashboards"
TIERS = [each.tier for each in DASHBOARDS]
# Of parts that are not otelmon's: the Collector, HTTP instrumentations, vmalert.
FOREIGN = re.compile(r"^(otelcol_|http_server_request_duration|ALERTS$)")
LABELS = re.compile(r"\{[^{}]*\}|\b(?:by|on) \([^)]*\)")
NAME = re.compile(r"\b(?:otelmon|db|postgresql|otelcol|http|ALERTS)\w*")
SUFFIX = re.compile(r"(_ratio|_seconds|_bytes|_milliseconds)?(_total|_count|_bucket|_sum)?")
needs_sdk = pytest.mark.skipif(sys.version_info < (3, 11), reason="grafana-foundation-sdk needs Python 3.11")


def grafana(tier: str) -> dict[str, Any]:
    """Returns a rendered dashboard."""
    document: dict[str, Any] = json.loads((FILES / "grafana" / f"otelmon-{tier}.json").read_text())
    return document


@needs_sdk
def test_files_are_current() -> None:
    """What is committed is what `make dashboards` writes."""
    from dashboards.generate import files

    stale = [name for name, text in files().items() if (FILES / name).read_text() != text]
    assert stale == []
    kept = {each.relative_to(FILES).as_posix() for each in FILES.rglob("*.json")}
    assert kept == set(files())


@needs_sdk
@pytest.mark.parametrize("tier", TIERS)
def test_grafana_reads_every_field(tier: str) -> None:
    """The types of Grafana's own SDK take the file, and write the same again."""
    from grafana_foundation_sdk.cog.encoder import JSONEncoder
    from grafana_foundation_sdk.models.dashboard import Dashboard

    document = grafana(tier)
    again = json.loads(JSONEncoder().encode(Dashboard.from_json(document)))
    for annotation in document["annotations"]["list"]:
        # Two fields of the metrics data source, of which the SDK has no types.
        del annotation["titleFormat"], annotation["step"]
    assert again["annotations"] == document["annotations"]
    assert again["templating"] == document["templating"]
    assert [panel["title"] for panel in again["panels"]] == [panel["title"] for panel in document["panels"]]
    assert again == document


@pytest.mark.parametrize("tier", TIERS)
def test_panels_fill_the_grid(tier: str) -> None:
    """No two panels lie over each other, every line is full, and ids are unique."""
    panels = grafana(tier)["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        own = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not own & cells, panel["title"]
        cells |= own
    lines = {y for _, y in cells}
    assert cells == {(x, y) for x in range(24) for y in lines}


@pytest.mark.parametrize("tier", TIERS)
def test_choices_deployments_and_exemplars(tier: str) -> None:
    """Three choices, a mark for every new version, and points that lead to traces; every variable used is there."""
    document = grafana(tier)
    names = {each["name"] for each in document["templating"]["list"]}
    assert names == {"metrics", "service", "environment", "database"}
    assert "service_version" in document["annotations"]["list"][0]["expr"]
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(document)))
    assert used <= names | {"__range", "__interval", "__rate_interval", "__from", "__to", "__all"}
    targets = [target for panel in document["panels"] for target in panel.get("targets", [])]
    assert targets
    assert all(target.get("exemplar") for target in targets if target.get("range"))


def test_provisioned_places_are_those_that_panels_name() -> None:
    """Traces open in the data source that is provisioned, exemplars by the attribute that the Collector writes."""
    provisioned = yaml.safe_load((ROOT / "compose/grafana/provisioning/datasources/otelmon.yaml").read_text())
    sources = {each["uid"]: each for each in provisioned["datasources"]}
    named = set(re.findall(r"otelmon-traces|otelmon-metrics", json.dumps([grafana(tier) for tier in TIERS])))
    assert named <= set(sources)
    exemplars = sources["otelmon-metrics"]["jsonData"]["exemplarTraceIdDestinations"]
    assert exemplars == [{"name": "trace_id", "datasourceUid": "otelmon-traces"}]
    provider = yaml.safe_load((ROOT / "compose/grafana/provisioning/dashboards/otelmon.yaml").read_text())["providers"][
        0
    ]
    mounted = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["grafana"]["volumes"]
    assert f"./dashboards/grafana:{provider['options']['path']}:ro" in mounted


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=TIERS)
def test_panels_ask_for_metrics_that_exist(dashboard: Any) -> None:
    """Every name is one of otelmon's signals in Prometheus' writing, or one of a part that the demo runs."""
    for panel in dashboard.panels:
        for query in panel.queries:
            names = NAME.findall(LABELS.sub("", spelled(query.promql, VMUI)))
            assert names, panel.key
            assert [each for each in names if not (exists(each) or FOREIGN.match(each))] == [], panel.key


def exists(name: str) -> bool:
    """Tells whether a name is that of a signal with a unit and a kind behind it, as Prometheus writes them."""
    known = (re.sub(r"[^a-z0-9]", "_", each) for each in BY_NAME)
    return any(name.startswith(each) and SUFFIX.fullmatch(name[len(each) :]) for each in known)


def test_panels_have_keys_and_known_thresholds() -> None:
    """A key names one panel of its dashboard; thresholds are those that alerts use."""
    for dashboard in DASHBOARDS:
        keys = [panel.key for panel in dashboard.panels]
        assert len(set(keys)) == len(keys)
        assert {name for panel in dashboard.panels for name in (panel.warning, panel.critical) if name} <= set(
            THRESHOLDS
        )
        assert all(panel.says for panel in dashboard.panels)


def test_alerts_lead_to_dashboards_that_are_there() -> None:
    """The tier of every alert rule has a dashboard."""
    assert {rule.tier for rule in RULES} <= set(TIERS)


@pytest.mark.parametrize(
    ("written", "for_grafana", "for_vmui"),
    [
        ("a{APP}", 'a{service_name=~"$service",deployment_environment_name=~"$environment"}', "a"),
        ('a{DB,b="c"}[RANGE]', 'a{db_namespace=~"$database",b="c"}[$__range]', 'a{b="c"}[15m]'),
        (
            "rate(RANGES{ENV}[RATE])",
            'rate(RANGES{deployment_environment_name=~"$environment"}[$__rate_interval])',
            "rate(RANGES[1m])",
        ),
    ],
)
def test_words_in_capitals_become_choices(written: str, for_grafana: str, for_vmui: str) -> None:
    """Braces that end empty go away."""
    assert (spelled(written, GRAFANA), spelled(written, VMUI)) == (for_grafana, for_vmui)


def test_counts_hold_what_begins_within_the_window() -> None:
    """The first point of a new series counts, other than with increase()."""
    assert "unless" in counted("m", "RANGE")
    assert spelled(counted("m{APP}", "STEP"), VMUI).count("[1m]") == 2
