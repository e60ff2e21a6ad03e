"""The faults of a drill: one for each rule that ships, and three of them run for real."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import httpx
import pytest

from demo.drill import application, github, limits, pipeline
from demo.drill.faults import MAKERS, faults
from demo.drill.places import Database, Places
from demo.drill.situation import Situation, Traffic
from demo.parts import vmalert
from demo.parts.waiting import wait_for
from otelmon.operate.cli.main import main
from otelmon.operate.drill.drilling import Drill
from otelmon.operate.drill.fault import Stage
from otelmon.operate.drill.ledger import ledger
from otelmon.operate.drill.pairing import rules_of, unpaired
from otelmon.operate.drill.patience import Patience
from otelmon.operate.drill.reason import why
from otelmon.operate.drill.table import verdict
from otelmon.operate.drill.watching import Addresses, Watcher

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from demo.parts.stack import Stack
    from demo.parts.supervisor import Supervisor

NOWHERE = Database(1, "postgresql://nobody@127.0.0.1:1/postgres?", "postgresql://nobody@127.0.0.1:1/contributors?")


def places(**known: object) -> Places:
    """Returns places of which only some are known."""
    databases = dict.fromkeys(("contributors", "ledger", "archive", "standby"), NOWHERE)
    tables = {"services": {}, "tokens": {}, "observers": {}}
    texts = (
        "github", "sentry", "jaeger", "collector", "collector_health", "gate", "jaeger_gate", "victoriametrics",
        "metrics_directory", "vmalert", "alertmanager", "notifications", "rules",
    )  # fmt: skip
    return Places(**{**databases, **tables, **dict.fromkeys(texts, ""), **known})


def test_each_rule_that_ships_has_one_fault(supervisor: Supervisor) -> None:
    """Rules and faults are a bijection; making the faults does nothing yet."""
    every = faults(Situation(places(), supervisor))
    assert unpaired(rules_of(vmalert.shipped_rules()), every) == []
    assert len({each.name for each in every}) == len(MAKERS)


def test_each_consequence_has_a_reason_and_a_rule_that_can_say_so(supervisor: Supervisor) -> None:
    """What is explained beside a fault's own rule is stated: why, and by labels that the rule has."""
    rules = rules_of(vmalert.shipped_rules())
    for fault in faults(Situation(places(), supervisor)):
        for each in (each for stage in fault.stages for each in stage.also):
            named = [rule for (alert, _), rule in rules.items() if alert == each.alert]
            assert named, f"{fault.name}: {each.alert} is no rule"
            assert len(each.why.split()) >= 4, f"{fault.name}: {each.alert} has no reason"
            said = [set(rule["labels"]) | set(re.findall(r"\b\w+\b", str(rule["expr"]))) for rule in named]
            assert all(set(each.labels) <= names for names in said), f"{fault.name}: {each.alert} has no {each.labels}"


def test_places_are_for_this_account_alone(tmp_path: Path) -> None:
    """Passwords of the stack are in the file that another process reads, and in no text."""
    known = places(tokens={"contributors": "secret-token"})
    known.write(tmp_path)
    assert (tmp_path / "places.json").stat().st_mode & 0o077 == 0
    assert Places.read(tmp_path) == known
    assert "secret-token" not in repr(known)
    assert "nobody@" not in repr(known)


def test_a_stack_that_does_not_run_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and how to start one."""
    assert main(["drill", "--list", f"--stack={tmp_path}"]) == 2
    said = capsys.readouterr().err
    assert "make drill-stack" in said
    assert "Traceback" not in said


def test_lowered_limits_are_settings_that_exist() -> None:
    """Each has a value that the product itself would take."""
    from otelmon.operate.alerts.given import read

    lowered = read(limits.thresholds())
    assert {f"OTELMON_ALERT_{name.upper()}" for name in lowered.sources} == set(limits.thresholds())


@pytest.mark.parts
@pytest.mark.timeout(600)
def test_three_faults_are_told_in_time_and_nothing_else_is(stack: Stack) -> None:
    """Slow queries, a refusing back end and refusals of GitHub, on the stack of the demo by the rules that ship."""
    known = places(
        services={"contributors": stack.service.url}, tokens={"contributors": stack.github.token},
        github=stack.github.url, sentry=stack.sentry.url, victoriametrics=stack.victoriametrics.url,
    )  # fmt: skip
    here = Situation(known, stack.supervisor)
    slow = application.slow_queries(here)
    # Its first stage alone, so that the test is short.
    chosen = [replace(slow, stages=slow.stages[:1]), pipeline.export_failing(here), github.throttled(here)]
    seen = Addresses(
        stack.vmalert.url, f"{stack.notifications.url}/notifications", f"{stack.sentry.url}/api/0/logs",
        store=stack.victoriametrics.url, alertmanager=stack.alertmanager.url,
    )  # fmt: skip
    with Traffic(here), Watcher(seen) as watcher:
        outcomes = Drill(watcher, print, Patience(to_tell=100.0, to_clear=150.0)).run(chosen)
    assert [verdict(each) for each in outcomes] == ["ok", "ok", "ok"], [each.why for each in outcomes]
    assert all((each.detected_after or 999.0) <= 60.0 for each in outcomes)
    assert ledger(outcomes, watcher.sightings).balanced


@pytest.mark.parts
def test_why_nobody_is_told_is_found(stack: Stack) -> None:
    """A silence at Alertmanager, a rule that is not there, one that sees nothing, and nobody who evaluates."""
    here = Addresses(stack.vmalert.url, "", "", store=stack.victoriametrics.url, alertmanager=stack.alertmanager.url)
    always = stage("OtelmonWatchdog", "none")
    with silenced(stack, "OtelmonWatchdog") as silence:
        said = wait_for(lambda: next((each for each in (why(here, always),) if silence in each), ""), 60)
    assert "firing since" in (said or why(here, always))
    assert said.endswith(f"silenced by ['{silence}'], inhibited by nobody")
    assert "has no such rule" in why(here, stage("OtelmonNothing", "warning"))
    calm = why(here, stage("OtelmonWraparound", "critical"))
    assert "without error, with no alert; its figure now: 0" in calm
    assert "does not say what it evaluates" in why(Addresses("http://127.0.0.1:9", ""), always)


def stage(alert: str, severity: str) -> Stage:
    """Returns a stage that injects nothing."""
    return Stage((alert, severity), "nothing", lambda: None)


@contextmanager
def silenced(stack: Stack, alert: str) -> Iterator[str]:
    """Silences an alert at Alertmanager meanwhile, and gives the silence's id."""
    now = datetime.now(timezone.utc)
    document = {
        "matchers": [{"name": "alertname", "value": alert, "isRegex": False}],
        "startsAt": now.isoformat(), "endsAt": (now + timedelta(hours=1)).isoformat(),
        "createdBy": "test", "comment": "test",
    }  # fmt: skip
    with httpx.Client(base_url=f"{stack.alertmanager.url}/api/v2/", trust_env=False) as client:
        silence: str = client.post("silences", json=document).raise_for_status().json()["silenceID"]
        try:
            yield silence
        finally:
            client.delete(f"silence/{silence}").raise_for_status()
