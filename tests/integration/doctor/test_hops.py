"""`otelmon doctor` on the real stack, each hop broken in turn: the right hop, the right fix, the exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from otelmon.operate.cli.main import main

if TYPE_CHECKING:
    from demo.parts.ports import Ports
    from demo.parts.stack import Stack

# What a command has ended with, and what it wrote to both streams.
Ended = subprocess.CompletedProcess[str]

OTELMON = Path(sys.executable).parent / "otelmon"
SECONDS_TO_END = 120.0
NOWHERE, THE_STORE = "nowhere", "the store"
CACHE = "OTELMON_CACHE_DIR"
WAY = ["SDK", "Collector", "Jaeger", "metrics store", "Sentry", "alert rules", "Alertmanager"]


# What is broken by which variable, the hop that has to be named, and words of what is seen there and of the fix.
BROKEN = [
    ("OTEL_TRACES_EXPORTER", "none", "SDK", "handed to no exporter", "OTEL_TRACES_EXPORTER"),
    ("OTELMON_DISABLED", "true", "SDK", "switched off", "OTELMON_DISABLED"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", NOWHERE, "Collector", "nothing listens", "otelmon collector run"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", THE_STORE, "Collector", "takes no OTLP", "port 4318"),
    ("OTELMON_JAEGER_URL", NOWHERE, "Jaeger", "connection refused", "start Jaeger"),
    ("OTELMON_METRICS_URL", NOWHERE, "metrics store", "connection refused", "OTELMON_METRICS_URL"),
    ("OTELMON_COLLECTOR_SENTRY_KEY", "", "Sentry", "answers 40", "OTELMON_COLLECTOR_SENTRY_KEY"),
    ("OTELMON_VMALERT_URL", NOWHERE, "alert rules", "connection refused", "start vmalert"),
    ("OTELMON_ALERTMANAGER_URL", NOWHERE, "Alertmanager", "connection refused", "start Alertmanager"),
]
# A doctor mostly waits for its canary, so that several at a time take little longer than one.
DOCTORS = 4


def variables_of(stack: Stack) -> dict[str, str]:
    """Returns the variables that lead to a stack where all is well."""
    return {
        "OTEL_EXPORTER_OTLP_ENDPOINT": stack.collector.endpoint,
        "OTELMON_METRICS_URL": stack.victoriametrics.url,
        "OTELMON_JAEGER_URL": stack.jaeger.url,
        "OTELMON_ALERTMANAGER_URL": stack.alertmanager.url,
        "OTELMON_VMALERT_URL": stack.vmalert.url,
        "OTELMON_COLLECTOR_SENTRY_ENDPOINT": stack.sentry.otlp_endpoint,
        "OTELMON_COLLECTOR_SENTRY_KEY": stack.sentry.public_key,
        # So that a Collector that is away costs seconds.
        "OTEL_EXPORTER_OTLP_TIMEOUT": "3",
    }


def others() -> dict[str, str]:
    """Returns the variables that are nobody's of OpenTelemetry or ours, and where programs are kept."""
    prefixes = "OTEL_", "OTELMON_"
    return {name: os.environ[name] for name in os.environ if name == CACHE or not name.startswith(prefixes)}


@pytest.fixture
def environment(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Sets the variables that lead to a stack where all is well."""
    for name in os.environ.keys() - others().keys():
        monkeypatch.delenv(name)
    for name, value in variables_of(stack).items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.fixture(scope="module")
def diagnoses(stack: Stack, ports: Ports) -> dict[tuple[str, str], Ended]:
    """Returns how the command ended for every broken hop, by variable and value: several at a time."""
    places = {NOWHERE: f"http://127.0.0.1:{ports.take('nowhere')}", THE_STORE: f"{stack.victoriametrics.url}/health"}
    well = others() | variables_of(stack)

    def diagnosed(variable: str, value: str) -> Ended:
        broken = {**well, variable: places.get(value, value)}
        command = [str(OTELMON), "doctor", "--json"]
        return subprocess.run(command, env=broken, capture_output=True, text=True, timeout=SECONDS_TO_END, check=False)

    with ThreadPoolExecutor(DOCTORS) as pool:
        begun = {(variable, value): pool.submit(diagnosed, variable, value) for variable, value, *_ in BROKEN}
        return {broken: each.result() for broken, each in begun.items()}


def examined(capsys: pytest.CaptureFixture[str], seconds: int) -> tuple[int, dict[str, dict[str, str]]]:
    """Returns the exit code and the verdicts on the way, by hop."""
    code = main(["doctor", "--json", f"--seconds={seconds}"])
    results = json.loads(capsys.readouterr().out)
    return code, {each["name"]: each for each in results if each["group"] == "way"}


def test_a_whole_way_is_found_open(environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A span, a metric, Sentry's key and an alert get through; nobody is called for it."""
    del environment
    code = main(["doctor", "--json"])
    results = json.loads(capsys.readouterr().out)
    assert [each for each in results if each["outcome"] == "finding"] == []
    assert [each["name"] for each in results if each["group"] == "way"] == WAY
    assert {each["outcome"] for each in results if each["group"] == "way"} == {"ok"}
    assert code == 0


@pytest.mark.parametrize(("variable", "value", "hop", "seen", "fix"), BROKEN)
def test_the_broken_hop_is_named_and_no_other(  # noqa: PLR0913, PLR0917 - a row of the table above
    diagnoses: dict[tuple[str, str], Ended],
    variable: str,
    value: str,
    hop: str,
    seen: str,
    fix: str,
) -> None:
    """What lies behind it is unknown, not broken; the command says so, with exit code 1 and no traceback."""
    ended = diagnoses[variable, value]
    assert (ended.returncode, "Traceback" in ended.stderr) == (1, False), ended.stderr
    way = {each["name"]: each for each in json.loads(ended.stdout) if each["group"] == "way"}
    assert [name for name, each in way.items() if each["outcome"] == "finding"] == [hop]
    assert seen in way[hop]["seen"]
    assert fix in way[hop]["fix"]


def test_a_frozen_store_is_told_in_time(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stack: Stack
) -> None:
    """A store that takes connections and does not answer is away; the others are judged all the same."""
    del environment
    pid = next(part.identity.pid for part in stack.supervisor.state.parts if part.name == "victoriametrics")
    os.kill(pid, signal.SIGSTOP)
    try:
        code, way = examined(capsys, 5)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert way["metrics store"]["outcome"] == "finding"
    assert "no answer within" in way["metrics store"]["seen"]
    assert (way["Jaeger"]["outcome"], way["Alertmanager"]["outcome"], code) == ("ok", "ok", 1)


def test_an_address_that_is_none_stops_the_doctor(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, and the variable is named without its value, which may hold a password."""
    environment.setenv("OTELMON_METRICS_URL", "planted-password@nowhere")
    assert main(["doctor"]) == 2
    said = capsys.readouterr().err
    assert "OTELMON_METRICS_URL" in said
    assert "planted-password" not in said


def test_status_shows_what_is_there_and_says_what_is_away(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stack: Stack, ports: Ports
) -> None:
    """Figures equal those of the database server; a source that is away takes nothing from the others."""
    environment.setenv("OTELMON_STATUS_URLS", f"{stack.observer.url}/status")
    environment.setenv("OTELMON_ALERTMANAGER_URL", f"http://127.0.0.1:{ports.take('nowhere')}")
    code = main(["status", "--json"])
    document = json.loads(capsys.readouterr().out)
    (server,) = document["sections"]["server"]["rows"]
    assert server["labels"]["server_port"] == str(stack.postgres.port)
    assert server["figures"]["up"]["value"] == 1.0
    assert server["figures"]["connections max"]["value"] == 60.0
    assert 0 <= server["figures"]["up"]["age"] < 60
    away = {each["name"] for each in document["sources"] if each["reason"]}
    assert (away, code) == ({"alertmanager"}, 1)
    assert main(["status"]) == 1
    shown = capsys.readouterr().out
    assert "Open alerts: unknown, Alertmanager is away" in shown
    assert "Database servers" in shown
