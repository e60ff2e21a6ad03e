"""vmalert, Alertmanager and the stand-in of who is on call, started the way the demo starts them."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from demo.notifications.app import create_app
from demo.parts import alertmanager, stand_ins, vmalert
from demo.parts.waiting import wait_for
from demo.readback.http import get_json
from demo.server import LoopbackServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from demo.parts.alertmanager import Alertmanager
    from demo.parts.ports import Ports
    from demo.parts.programs import Programs
    from demo.parts.stand_ins import Notifications
    from demo.parts.supervisor import Supervisor
    from demo.parts.victoriametrics import VictoriaMetrics

ALWAYS = {"alert": "AlwaysThere", "expr": "vector(1)", "labels": {"severity": "warning"}}
RULES = {"groups": [{"name": "one", "interval": "1s", "rules": [ALWAYS]}]}
# One group of alerts, a second until it is sent: what ships decides nothing here.
ROUTES = {
    "route": {"receiver": "first", "group_wait": "1s", "routes": [{"receiver": "second", "matchers": ['a = "b"']}]},
    "receivers": [{"name": "first", "webhook_configs": [{"url": "http://elsewhere.example/"}]}, {"name": "second"}],
    "inhibit_rules": [{"source_matchers": ['a = "b"'], "target_matchers": ['c = "d"']}],
}


@pytest.fixture
def receiver() -> Iterator[str]:
    """Serves the receiver in this process."""
    with LoopbackServer(create_app()) as server:
        yield server.url


def send(method: str, url: str, document: object) -> int:
    """Sends a document as JSON and returns the status."""
    body = json.dumps(document).encode()
    request = urllib.request.Request(url, body, {"content-type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def came(url: str, after: int = 0) -> list[dict[str, Any]]:
    """Returns the notifications that a receiver has."""
    found: list[dict[str, Any]] = get_json(f"{url}/notifications", {"after": str(after)})["notifications"]
    return found


def test_notifications_are_kept_in_order_with_their_time(receiver: str) -> None:
    """What came is shown with receiver, number and time; what came before a number is left out."""
    alert = {"status": "firing", "labels": {"alertname": "One"}, "more": "is not kept"}
    for name in ("first", "second"):
        assert send("POST", f"{receiver}/notify/{name}", {"status": "firing", "alerts": [alert]}) == 200
    assert [(each["number"], each["receiver"]) for each in came(receiver)] == [(1, "first"), (2, "second")]
    (later,) = came(receiver, after=1)
    assert later["alerts"][0]["labels"] == {"alertname": "One"}
    assert "more" not in later["alerts"][0]
    assert later["arrived"] >= came(receiver)[0]["arrived"]


@pytest.mark.parametrize("document", [{}, [], {"alerts": 3}, {"alerts": [7]}])
def test_what_is_no_notification_is_refused(receiver: str, document: object) -> None:
    """An answer of 400 keeps nothing."""
    assert send("POST", f"{receiver}/notify/first", document) == 400
    assert came(receiver) == []


def test_a_channel_can_be_down(receiver: str) -> None:
    """A receiver that is told so refuses with 503, so that Alertmanager tries again."""
    document = {"status": "firing", "alerts": []}
    assert send("PUT", f"{receiver}/behavior", {"refuse": True}) == 200
    assert send("POST", f"{receiver}/notify/first", document) == 503
    assert send("PUT", f"{receiver}/behavior", {"refuse": False}) == 200
    assert send("POST", f"{receiver}/notify/first", document) == 200


def test_an_alert_that_is_told_as_over_is_no_sign_of_life(receiver: str) -> None:
    """Alertmanager tells a dead man's switch as resolved when its sender has died: the alarm must not wait for that."""
    alert = {"status": "resolved", "labels": {"alertname": "Switch"}}
    assert send("POST", f"{receiver}/notify/first", {"status": "resolved", "alerts": [alert]}) == 200
    assert get_json(f"{receiver}/silence/Switch")["seconds"] is None
    assert (
        send("POST", f"{receiver}/notify/first", {"status": "firing", "alerts": [{**alert, "status": "firing"}]}) == 200
    )
    assert 0 <= get_json(f"{receiver}/silence/Switch")["seconds"] < 60


def test_routes_and_inhibitions_stay_and_every_channel_leads_to_the_stand_in() -> None:
    """Only the receivers of a configuration are replaced."""
    changed = yaml.safe_load(alertmanager.led_to("http://here", yaml.safe_dump(ROUTES)))
    assert (changed["route"], changed["inhibit_rules"]) == (ROUTES["route"], ROUTES["inhibit_rules"])
    urls = {each["name"]: [hook["url"] for hook in each["webhook_configs"]] for each in changed["receivers"]}
    assert urls == {"first": ["http://here/notify/first"], "second": ["http://here/notify/second"]}


@pytest.fixture
def on_call(supervisor: Supervisor, ports: Ports) -> Iterator[Notifications]:
    """Starts the receiver as a program."""
    yield stand_ins.start_notifications(supervisor, ports.take(stand_ins.NOTIFICATIONS))
    supervisor.stop_part(stand_ins.NOTIFICATIONS)


@pytest.fixture
def routes(
    supervisor: Supervisor, ports: Ports, all_programs: Programs, on_call: Notifications, tmp_path: Path
) -> Iterator[Alertmanager]:
    """Starts Alertmanager with the routes above."""
    shipped = tmp_path / "alertmanager.yaml"
    shipped.write_text(yaml.safe_dump(ROUTES))
    yield alertmanager.start(supervisor, all_programs.alertmanager, ports, alertmanager.Routes(on_call, shipped))
    supervisor.stop_part(alertmanager.NAME)


@pytest.fixture
def ruled(
    supervisor: Supervisor, ports: Ports, all_programs: Programs, task: vmalert.Task
) -> Iterator[vmalert.Vmalert]:
    """Starts vmalert with the rule above."""
    yield vmalert.start(supervisor, all_programs.vmalert, ports, task)
    supervisor.stop_part(vmalert.NAME)


@pytest.fixture
def task(victoriametrics: VictoriaMetrics, routes: Alertmanager, tmp_path: Path) -> vmalert.Task:
    """Writes the rule above."""
    rules = tmp_path / "rules.yaml"
    rules.write_text(yaml.safe_dump(RULES))
    return vmalert.Task(victoriametrics, routes, (rules,))


@pytest.mark.usefixtures("ruled")
def test_what_fires_in_vmalert_arrives(on_call: Notifications) -> None:
    """An alert of a rule goes through vmalert and Alertmanager to the receiver of its route."""
    arrived = wait_for(lambda: came(on_call.url), 20)
    assert arrived is not None
    assert arrived[0]["receiver"] == "first"
    assert [alert["labels"]["alertname"] for alert in arrived[0]["alerts"]] == ["AlwaysThere"]


def test_a_spent_budget_holds_back_forecasts_of_its_own_alone(
    supervisor: Supervisor, ports: Ports, all_programs: Programs, on_call: Notifications
) -> None:
    """By the routes that ship: the forecast of another owner's budget of the same name is told."""
    sent_to = alertmanager.Routes(on_call, alertmanager.shipped_routes())
    url = alertmanager.start(supervisor, all_programs.alertmanager, ports, sent_to).url
    try:
        rows = (("Exhausted", "spender"), ("Burning", "spender"), ("Burning", "other"))
        alerts = [
            {"labels": {"alertname": f"OtelmonGitHubBudget{name}", "owner": owner, "resource": "search"}}
            for name, owner in rows
        ]
        assert send("POST", f"{url}/api/v2/alerts", alerts) == 200
        states = wait_for(lambda: states_by_owner(url, "OtelmonGitHubBudgetBurning"), 20)
        assert states == {"spender": "suppressed", "other": "active"}
    finally:
        supervisor.stop_part(alertmanager.NAME)


def states_by_owner(url: str, alert: str) -> dict[str, str]:
    """Returns the states of an alert's instances once none is unprocessed."""
    found = get_json(f"{url}/api/v2/alerts", {"filter": f'alertname="{alert}"'})
    states = {each["labels"]["owner"]: each["status"]["state"] for each in found}
    return {} if "unprocessed" in states.values() else states
