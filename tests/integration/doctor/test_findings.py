"""What the doctor finds at single hops of the real stack that are not just away: each with the fix that mends it."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest
import yaml

from demo.parts import vmalert
from demo.parts.victoriametrics import VictoriaMetrics
from demo.parts.waiting import wait_for
from otelmon.operate.doctor import alerting, back_ends, sending
from otelmon.operate.doctor.canary import Planted, plant
from otelmon.operate.doctor.sentry import sentry
from otelmon.operate.overview.addresses import Addresses
from otelmon.operate.overview.asking import client as new_client
from tests.otlp_sink import OtlpSink

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from demo.parts.ports import Ports
    from demo.parts.programs import Programs
    from demo.parts.stack import Stack
    from demo.parts.supervisor import Supervisor
    from otelmon.operate.doctor.result import Result

RULE = {"alert": "Never", "expr": "vector(1) > 2"}
SECONDS_TO_SEE = 20.0


def found(look: Callable[[httpx.AsyncClient], Awaitable[Result]]) -> Result:
    """Returns what one look of the doctor says."""

    async def run() -> Result:
        async with new_client() as client:
            return await look(client)

    return asyncio.run(run())


@pytest.fixture
def addresses(stack: Stack) -> Addresses:
    """Returns where everything of the stack is."""
    return Addresses(stack.victoriametrics.url, stack.alertmanager.url, stack.vmalert.url, stack.jaeger.url, ())


@contextmanager
def answering(stack: Stack, status: int) -> Iterator[None]:
    """Lets Sentry's stand-in answer so meanwhile."""
    with httpx.Client(base_url=stack.sentry.url, trust_env=False) as client:
        client.put("/api/0/behavior", json={"status": status, "retry_after": 60}).raise_for_status()
        try:
            yield
        finally:
            client.put("/api/0/behavior", json={"status": 0}).raise_for_status()


@pytest.mark.parametrize(
    ("status", "fix"),
    [(0, ""), (401, "public key"), (403, "the same DSN"), (404, "integration/otlp"), (413, "not Sentry"),
     (429, "quota is used up"), (503, "status page")],
)  # fmt: skip
def test_what_sentry_answers(stack: Stack, addresses: Addresses, status: int, fix: str) -> None:
    """Each answer has its own fix; a key that is taken has none."""
    environment = {
        "OTELMON_COLLECTOR_SENTRY_ENDPOINT": stack.sentry.otlp_endpoint,
        "OTELMON_COLLECTOR_SENTRY_KEY": stack.sentry.public_key,
    }
    with answering(stack, status):
        result = found(lambda client: sentry(client, addresses, environment))
    assert result.outcome == ("finding" if status else "ok")
    assert fix in result.fix
    assert str(status or "takes our key") in result.seen
    assert stack.sentry.public_key not in f"{result.seen} {result.fix}"


@pytest.mark.parametrize("project", ["999999", "none"])
def test_a_wrong_project_or_address_of_sentry(stack: Stack, addresses: Addresses, ports: Ports, project: str) -> None:
    """Another project is refused; nobody at the address is told apart from that."""
    there = stack.sentry.otlp_endpoint if project != "none" else f"http://127.0.0.1:{ports.take('nowhere')}/api/1/otlp"
    endpoint = there.replace("/api/1/", f"/api/{project}/") if project != "none" else there
    environment = {
        "OTELMON_COLLECTOR_SENTRY_ENDPOINT": endpoint, "OTELMON_COLLECTOR_SENTRY_KEY": stack.sentry.public_key
    }  # fmt: skip
    result = found(lambda client: sentry(client, addresses, environment))
    assert result.outcome == "finding"
    assert ("answers 40" if project != "none" else "does not answer") in result.seen


def test_sentry_is_asked_of_the_collector_where_its_address_is_not_known(addresses: Addresses) -> None:
    """Nothing is claimed of it then."""
    result = found(lambda client: sentry(client, addresses, {}))
    assert (result.outcome, result.name) == ("unknown", "Sentry")


def test_what_takes_no_alert_is_no_alertmanager(addresses: Addresses) -> None:
    """Another server's address in its place answers, and not as Alertmanager does."""
    wrong = replace(addresses, alertmanager=addresses.metrics)
    result = found(lambda client: alerting.alertmanager(client, wrong))
    assert result.outcome == "finding"
    assert "to an alert" in result.seen
    assert "OTELMON_ALERTMANAGER_URL" in result.fix


def test_rules_that_are_not_evaluated_any_more(addresses: Addresses) -> None:
    """An hour from now the last evaluation will be an hour old; one that is still to come is not missed."""
    assert found(lambda client: alerting.rules(client, addresses, time.time())).outcome == "ok"

    def in_an_hour() -> Result | None:
        result = found(lambda client: alerting.rules(client, addresses, time.time() + 3600))
        return result if result.outcome == "finding" else None

    late = wait_for(in_an_hour, SECONDS_TO_SEE)
    assert late is not None
    assert "not evaluated any more" in late.seen
    assert "data source hangs" in late.fix


@pytest.fixture
def other_vmalert(  # noqa: PLR0913, PLR0917 - fixtures
    supervisor: Supervisor, ports: Ports, all_programs: Programs, stack: Stack, tmp_path: Path, asked: tuple[list, str]
) -> Iterator[str]:
    """Starts another vmalert with some rules and a data source of its own."""
    rules, source = asked
    file = tmp_path / "rules.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "one", "interval": "1s", "rules": rules}] if rules else []}))
    places = {"nowhere": f"http://127.0.0.1:{ports.take('nowhere')}", "here": stack.victoriametrics.url}
    task = vmalert.Task(VictoriaMetrics(places[source]), stack.alertmanager, (file,))
    yield vmalert.start(supervisor, all_programs.vmalert, ports, task).url
    supervisor.stop_part(vmalert.NAME)


@pytest.mark.parametrize(
    ("asked", "seen", "fix"),
    [
        (([], "here"), "has no rules", "-rule="),
        (([RULE], "nowhere"), "1 of 1 rules fail, the first is Never", "-datasource.url"),
    ],
)
def test_rules_that_are_missing_or_fail(other_vmalert: str, addresses: Addresses, seen: str, fix: str) -> None:
    """A vmalert that answers is not yet one that evaluates."""
    there = replace(addresses, vmalert=other_vmalert)
    end = time.monotonic() + SECONDS_TO_SEE
    while True:
        result = found(lambda client: alerting.rules(client, there, time.time()))
        if seen in result.seen or time.monotonic() > end:
            break
        time.sleep(0.2)
    assert seen in result.seen
    assert (result.outcome, fix in result.fix) == ("finding", True)


@pytest.fixture
def sink() -> Iterator[OtlpSink]:
    """Yields a receiver of OTLP that hands nothing on."""
    receiver = OtlpSink()
    yield receiver
    receiver.close()


def environment_of(endpoint: str) -> dict[str, str]:
    """Returns the environment of a canary that is sent to an address."""
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_EXPORTER_OTLP_TIMEOUT": "2"}


def test_a_collector_that_delivers_to_nobody(sink: OtlpSink, addresses: Addresses) -> None:
    """It took everything, and neither back end has it: each is named, with its exporter."""
    environment = environment_of(sink.endpoint)
    planted = plant(environment)
    assert sending.sdk(planted, environment).outcome == sending.collector(planted, environment).outcome == "ok"
    traces = found(lambda client: back_ends.jaeger(client, addresses, planted, 0.5))
    assert (traces.outcome, "took the span, but" in traces.seen) == ("finding", True)
    assert "OTELMON_COLLECTOR_JAEGER_ENDPOINT" in traces.fix
    metrics = found(lambda client: back_ends.metrics_store(client, addresses, planted, 0.5))
    assert (metrics.outcome, "took the metric, but" in metrics.seen) == ("finding", True)
    assert "usePrometheusNaming" in metrics.fix


@pytest.mark.parametrize(
    ("status", "delay", "seen", "fix"),
    [
        (503, 0.0, "5xx", "memory limit"),
        (302, 0.0, "3xx", "port 4318"),
        (200, 30.0, "did not answer in time", "overloaded"),
    ],
)
def test_a_collector_that_does_not_take(sink: OtlpSink, status: int, delay: float, seen: str, fix: str) -> None:
    """It is there; why it did not take the canary decides the fix."""
    sink.status, sink.delay = status, delay
    environment = environment_of(sink.endpoint)
    result = sending.collector(plant(environment), environment)
    assert (result.outcome, seen in result.seen, fix in result.fix) == ("finding", True, True), result


def test_what_lies_behind_a_loss_is_unknown(addresses: Addresses) -> None:
    """Back ends that answer are not blamed for what never reached the Collector."""
    nothing = Planted(active=True, trace_id="1", started=2, troubles={"metrics": "refused"})
    for look in (back_ends.jaeger, back_ends.metrics_store):
        result = found(lambda client, look=look: look(client, addresses, nothing, 0.0))
        assert (result.outcome, "did not get past the Collector" in result.seen) == ("unknown", True)
