"""Who is told of what: Alertmanager's configuration, judged by the real amtool."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from demo.parts import programs
from otelmon.operate.alerts import routes
from otelmon.operate.alerts.catalogue import ALERTS, RULES
from otelmon.operate.alerts.inhibition import INHIBITIONS

if TYPE_CHECKING:
    from demo.parts.steps import Steps

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "alerts" / "alertmanager.yml"


@pytest.fixture(scope="session")
def amtool(steps: Steps) -> Path:
    """Returns the real program."""
    return programs.go_program(steps, *programs.AMTOOL)


def run(program: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs amtool."""
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parts
def test_shipped_configuration_is_valid(amtool: Path) -> None:
    """Amtool has nothing to say against routes, inhibitions and templates that ship."""
    done = run(amtool, "check-config", SHIPPED)
    assert done.returncode == 0, done.stderr
    assert "1 templates" in done.stdout


@pytest.mark.parts
@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        (("team=application", "severity=warning"), "application"),
        (("team=database", "severity=warning"), "database"),
        (("team=platform", "severity=warning"), "platform"),
        (("team=database", "severity=critical"), "second-channel,database"),
        (("team=application", "severity=critical"), "second-channel,application"),
        (("alertname=OtelmonWatchdog", "severity=none", "team=platform"), "dead-mans-switch"),
        (("alertname=SomebodyElses", "severity=warning"), "platform"),
    ],
)
def test_alert_reaches_its_team(labels: tuple[str, ...], receivers: str, amtool: Path) -> None:
    """Each team has its road, what is critical has two, the dead man has his own and nobody else's."""
    done = run(
        amtool, "config", "routes", "test", f"--config.file={SHIPPED}", f"--verify.receivers={receivers}", *labels
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parts
def test_receivers_of_operators_are_routed(amtool: Path, tmp_path: Path) -> None:
    """A receiver of another name becomes a road for the team of that name, with the integrations that were given."""
    file = tmp_path / "alertmanager.yml"
    hook = {"webhook_configs": [{"url": "http://127.0.0.1:9/hook"}]}
    given = {"billing": hook, "second-channel": hook, "dead-mans-switch": hook}
    file.write_text(routes.configuration(given).replace("*.tmpl", "none-*.tmpl"))
    assert run(amtool, "check-config", file).returncode == 0
    test = ("config", "routes", "test", f"--config.file={file}")
    assert run(amtool, *test, "team=billing", "severity=warning").stdout.strip() == "billing"
    found = {each["name"]: each for each in yaml.safe_load(file.read_text())["receivers"]}
    assert found["billing"] == {"name": "billing", **hook}
    # The message that the switch is over would be taken for a sign of life.
    assert [each["send_resolved"] for each in found["dead-mans-switch"]["webhook_configs"]] == [False]


@pytest.mark.parts
def test_notification_tells_everything(amtool: Path, tmp_path: Path) -> None:
    """The text of a notification has value, limit, since, version and links."""
    data = tmp_path / "data.json"
    data.write_text(
        '{"status": "firing", "groupLabels": {"alertname": "OtelmonPoolPressure", "service": "shop"},'
        ' "commonLabels": {"severity": "warning"}, "alerts": [{"status": "firing",'
        ' "startsAt": "2026-01-02T03:04:05Z", "labels": {"version": "1.2", "database": "orders"},'
        ' "annotations": {"summary": "the pool is nearly used up", "value": "81%", "limit": "at least 80 %",'
        ' "held": "20s", "runbook_url": "http://r", "dashboard_url": "http://d", "traces_url": "http://t"}}]}'
    )
    text = '{{ template "otelmon.subject" . }}\n{{ template "otelmon.text" . }}'
    done = run(
        amtool, "template", "render", f"--template.glob={ROOT / 'alerts' / '*.tmpl'}", f"--template.data={data}",
        f"--template.text={text}",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for part in (
        "[firing warning] OtelmonPoolPressure shop", "value: 81% (limit: at least 80 %)",
        "since: 2026-01-02 03:04:05 UTC",
        "version: 1.2", "database: orders", "runbook: http://r", "dashboard: http://d", "traces: http://t",
    ):  # fmt: skip
        assert part in done.stdout


def test_timing_is_as_promised() -> None:
    """A notification waits five seconds for its group; the dead man hears from us each half minute."""
    route = yaml.safe_load(SHIPPED.read_text())["route"]
    assert (route["group_wait"], route["group_interval"]) == ("5s", "10s")
    assert route["routes"][0]["repeat_interval"] == "30s"


def test_inhibitions_name_alerts_that_exist() -> None:
    """No cause or symptom is misspelled, and no alert is its own cause."""
    for each in INHIBITIONS:
        assert {each.cause, *each.symptoms} <= set(ALERTS)
        assert each.cause not in each.symptoms


def test_every_team_has_a_receiver() -> None:
    """No rule is routed to nobody."""
    assert {rule.team for rule in RULES} <= {each["name"] for each in yaml.safe_load(SHIPPED.read_text())["receivers"]}
