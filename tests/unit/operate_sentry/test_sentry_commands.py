"""Monitors and alerts in Sentry become as the files say, once, and a change by hand is shown."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from demo.sentry_stand_in.app import create_app
from demo.server import LoopbackServer
from otelmon.operate.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator

    from demo.sentry_stand_in.management import Managed

TOKEN = "sntrys_planted_0123456789abcdef"
EXTRACT = json.loads(Path(__file__).with_name("api.json").read_text())
PUBLISHED = "SENTRY_API_SCHEMA"
PATHS = {
    ("POST", "detectors"): "/api/0/organizations/{organization_id_or_slug}/projects/{project_id_or_slug}/detectors/",
    ("PUT", "detectors"): "/api/0/organizations/{organization_id_or_slug}/detectors/{detector_id}/",
    ("POST", "workflows"): "/api/0/organizations/{organization_id_or_slug}/workflows/",
    ("PUT", "workflows"): "/api/0/organizations/{organization_id_or_slug}/workflows/{workflow_id}/",
}


@pytest.fixture
def sentry(monkeypatch: pytest.MonkeyPatch) -> Iterator[Managed]:
    """Yields what the stand-in holds; the commands find it by their variables."""
    app = create_app(auth_token=TOKEN)
    with LoopbackServer(app) as server:
        for name, value in {
            "SENTRY_URL": server.url,
            "SENTRY_ORG": "acme",
            "SENTRY_PROJECT": "shop",
            "SENTRY_AUTH_TOKEN": TOKEN,
        }.items():
            monkeypatch.setenv(name, value)
        yield app.extensions["managed"]


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Runs one command and returns exit code, stdout and stderr, in none of which the token is."""
    code = main(["sentry", *arguments])
    shown = capsys.readouterr()
    assert TOKEN not in shown.out + shown.err
    return code, shown.out, shown.err


def test_a_second_apply_changes_nothing(sentry: Managed, capsys: pytest.CaptureFixture[str]) -> None:
    """What is missing is planned and made; then plan and apply find nothing to do."""
    code, out, _ = run(capsys, "plan")
    assert (code, out.count("\n+ ") + out.startswith("+ ")) == (1, 6)
    code, out, _ = run(capsys, "apply")
    assert (code, out.splitlines()[-1]) == (0, "6 changed")
    assert (len(sentry.detectors), len(sentry.workflows)) == (4, 2)
    before = len(sentry.requests)
    assert run(capsys, "apply")[:2] == (0, "0 changed\n")
    assert run(capsys, "plan")[0] == 0
    assert len(sentry.requests) == before
    named = {each["name"]: set(each["detectorIds"]) for each in sentry.workflows.values()}
    ids = {each["name"]: number for number, each in sentry.detectors.items()}
    assert named["otelmon: tell of GitHub monitors"] == {ids["otelmon: throttled GitHub calls"]}


def test_a_change_by_hand_is_shown_and_undone(sentry: Managed, capsys: pytest.CaptureFixture[str]) -> None:
    """Drift is told field by field, and apply brings back what is defined; monitors of others are left alone."""
    run(capsys, "apply")
    number, changed = next((n, each) for n, each in sentry.detectors.items() if "slow" in each["name"])
    changed["conditionGroup"]["conditions"][0]["comparison"] = 9000
    changed["dataSources"][0]["queryObj"]["snubaQuery"]["query"] = "span.op:http"
    alert = next(iter(sentry.workflows.values()))
    alert["enabled"] = False
    sentry.detectors["7"] = {**changed, "id": "7", "name": "made by hand"}
    code, out, _ = run(capsys, "plan", "--json")
    found = json.loads(out)
    drift = {
        step["name"]: [each["field"] for each in step["differences"]] for step in found["steps"] if step["differences"]
    }
    assert code == 1
    assert drift == {changed["name"]: ["conditionGroup.conditions", "dataSources"], alert["name"]: ["enabled"]}
    assert found["others"] == ["made by hand"]
    assert run(capsys, "apply")[1].splitlines()[-1] == "2 changed"
    assert sentry.detectors[number]["conditionGroup"]["conditions"][0]["comparison"] == 500
    assert "7" in sentry.detectors
    assert run(capsys, "plan")[0] == 0


def snake(document: Any) -> Any:
    """Returns names as the published schema has them; the API takes them in camel case."""
    if isinstance(document, dict):
        return {re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(): snake(value) for name, value in document.items()}
    return [snake(each) for each in document] if isinstance(document, list) else document


def sent(sentry: Managed, capsys: pytest.CaptureFixture[str]) -> list[tuple[str, str, dict[str, Any]]]:
    """Returns method, kind and body of requests that make everything, and of one that changes each kind."""
    run(capsys, "apply")
    for each in (*sentry.detectors.values(), *sentry.workflows.values()):
        each["enabled"] = False
    run(capsys, "apply")
    return [
        (method, "workflows" if "workflows" in path else "detectors", body) for method, path, body in sentry.requests
    ]


def test_requests_are_as_the_api_takes_them(sentry: Managed, capsys: pytest.CaptureFixture[str]) -> None:
    """Every body keeps to the extract of the published schema."""
    found = sent(sentry, capsys)
    assert {(method, kind) for method, kind, _ in found} == set(PATHS)
    for _, kind, body in found:
        jsonschema.Draft202012Validator(EXTRACT[kind.rstrip("s")]).validate(body)


@pytest.mark.suites
def test_requests_are_as_the_published_schema_says(sentry: Managed, capsys: pytest.CaptureFixture[str]) -> None:
    """Every body keeps to a copy of the whole schema, openapi-derefed.json of getsentry/sentry-api-schema."""
    assert PUBLISHED in os.environ, f"{PUBLISHED} names no copy of openapi-derefed.json"
    paths = json.loads(Path(os.environ[PUBLISHED]).read_text())["paths"]
    for method, kind, body in sent(sentry, capsys):
        schema = paths[PATHS[method, kind]][method.lower()]["requestBody"]["content"]["application/json"]["schema"]
        written = snake(body)
        assert set(written) <= set(schema["properties"]), set(written) - set(schema["properties"])
        # OpenAPI 3.0 says of null what JSON Schema does not know.
        written = {name: value for name, value in written.items() if value is not None}
        jsonschema.Draft4Validator(schema).validate(written)


def test_too_many_requests_are_waited_out(sentry: Managed, capsys: pytest.CaptureFixture[str]) -> None:
    """A 429 is asked again; four in a row are an error that says so."""
    sentry.limited = 2
    assert run(capsys, "plan")[0] == 1
    sentry.limited = 4
    code, _, err = run(capsys, "plan")
    assert (code, "Sentry answers 429" in err) == (2, True)


@pytest.mark.parametrize(
    ("environment", "hint"),
    [
        ({"SENTRY_AUTH_TOKEN": ""}, "SENTRY_AUTH_TOKEN is not set"),
        ({"SENTRY_AUTH_TOKEN": "other"}, "check SENTRY_AUTH_TOKEN"),
        ({"SENTRY_ORG": ""}, "--organization is not given"),
        ({"SENTRY_URL": "http://127.0.0.1:9"}, "Sentry does not answer"),
    ],
)
def test_what_cannot_run_says_why(
    sentry: Managed,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    hint: str,
) -> None:
    """One line names the mistake; nothing has been changed."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    code, _, err = run(capsys, "plan")
    assert (code, hint in err, len(err.splitlines())) == (2, True, 1)
    assert sentry.requests == []


GOOD = """
monitors:
  - name: m
    description: d
    query: {dataset: events, event_types: [error], aggregate: count(), window_s: 60}
    high: {above: 1}
alerts:
  - {name: a, monitors: [m], every_min: 60, when: [first_seen_event], email: issue_owners}
"""


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        (("high: {above: 1}", ""), "monitors[0].high is missing"),
        (("above: 1", "below: 1"), "monitors[0].high is not of the form {above: number}"),
        (("dataset: events", "dataset: metrics"), "monitors[0].query.dataset is 'metrics'"),
        (("every_min: 60", "every_min: 61"), "alerts[0].every_min is 61"),
        (("monitors: [m]", "monitors: [n]"), "names the monitor 'n', which is not defined"),
        (("email: issue_owners", "email: me@example.org"), "alerts[0].email"),
        (("name: m", "nam: m"), "monitors[0].name is missing"),
        (("description: d", "description: ${OTELMON_ABSENT}"), "needs the environment variable OTELMON_ABSENT"),
        (("monitors:\n", "monitors: {\n"), "is no YAML"),
        (("alerts:", "rules:"), "there is rules; it takes monitors and alerts"),
    ],
)
def test_a_mistake_in_a_file_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: tuple[str, str], hint: str
) -> None:
    """File, place and what would be right stand in one line."""
    path = tmp_path / "own.yaml"
    path.write_text(GOOD.replace(*change, 1))
    code, _, err = run(capsys, "plan", "--file", str(path))
    assert (code, hint in err, str(path) in err or "names the monitor" in err) == (2, True, True), err


def test_dynamic_and_percent_monitors(sentry: Managed, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The other two kinds of detection are made, found again unchanged, and kept by the extract."""
    path = tmp_path / "own.yaml"
    dynamic = GOOD.replace("high: {above: 1}", "detection: dynamic\n    sensitivity: high\n    owner: team:4")
    percent = GOOD.replace("high: {above: 1}", "detection: percent\n    compared_s: 3600\n    high: {above: 50}")
    for text in (dynamic, percent):
        path.write_text(text)
        assert run(capsys, "apply", "--file", str(path))[0] == 0
        assert run(capsys, "plan", "--file", str(path))[0] == 0
        jsonschema.Draft202012Validator(EXTRACT["detector"]).validate(
            sentry.requests[-1][2] if text is percent else sentry.requests[0][2]
        )


def test_terraform_is_text_of_the_same_definitions(capsys: pytest.CaptureFixture[str]) -> None:
    """Each monitor and alert is one resource, references lead to monitors, and brackets are balanced."""
    arguments = ("plan", "--terraform", "--organization", "acme", "--project", "shop")
    code, out, _ = run(capsys, *arguments)
    assert (code, run(capsys, *arguments)[1]) == (0, out)
    assert (out.count('resource "sentry_metric_monitor"'), out.count('resource "sentry_alert"')) == (4, 2)
    assert {out.count(a) - out.count(b) for a, b in ("{}", "[]")} == {0}
    defined = set(re.findall(r'resource "sentry_metric_monitor" "(\w+)"', out))
    assert set(re.findall(r"sentry_metric_monitor\.(\w+)\.id", out)) == defined


def test_lint_names_what_sentry_would_drop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Events, lists, sizes, metrics and a missing environment are found with their place; good files have none."""
    scalar = [{"key": "sentry.environment", "value": {"stringValue": "x"}}]
    good = {"resourceSpans": [{"scopeSpans": [{"spans": [{"name": "a", "attributes": scalar}]}]}]}
    listed = [{"key": "a", "value": {"arrayValue": {"values": []}}}]
    bad = {
        "resourceSpans": [{"scopeSpans": [{"spans": [{"events": [{"name": "e"}], "attributes": listed}]}]}],
        "resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": "x" * 6_000_000}}]}]}],
        "resourceMetrics": [{}],
    }
    (tmp_path / "good").write_text(json.dumps(good) + "\n")
    (tmp_path / "bad").write_text(json.dumps(good) + "\n" + json.dumps(bad) + "\n")
    assert run(capsys, "lint", str(tmp_path / "good"))[:2] == (0, "0 findings\n")
    code, out, _ = run(capsys, "lint", "--json", str(tmp_path / "bad"))
    assert code == 1
    assert {each["what"]: each["count"] for each in json.loads(out)} == {
        "requests over 5 MiB": 1,
        "metrics": 1,
        "lists or maps as attributes": 1,
        "span events": 1,
        "no environment": 2,
        "log records over 2 MiB": 1,
    }
    assert {each["first"] for each in json.loads(out)} == {f"{tmp_path / 'bad'}:2"}
    (tmp_path / "none").write_text("nothing")
    assert "is no OTLP request as JSON" in run(capsys, "lint", str(tmp_path / "none"))[2]


def test_help_names_the_commands() -> None:
    """The group is part of the program."""
    program = [sys.executable, "-m", "otelmon.operate.cli.main", "sentry", "--help"]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    assert all(name in done.stdout for name in ("plan", "apply", "lint"))
