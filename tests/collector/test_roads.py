"""A back end that is half open, slow, or shows the wrong certificate: its data waits, and nobody else notices."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from otelmon.operate.collector import build
from tests.collector.accounts import missing, total
from tests.collector.conftest import Collector
from tests.collector.road import Road
from tests.collector.telemetry import span, traces
from tests.collector.test_open_doors import certificate
from tests.otlp_sink import OtlpSink

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from opentelemetry.proto.trace.v1.trace_pb2 import Span

pytestmark = pytest.mark.parts
DB = {"db.system.name": "postgresql", "db.query.text": "SELECT 1"}
IMPATIENT = "--config=yaml:exporters::otlp_http/jaeger::timeout: 1s"
AGENT_IMPATIENT = "--config=yaml:exporters::otlp_http/gateway::retry_on_failure::max_interval: 1s"


def slow(count: int) -> list[Span]:
    """Returns spans that are kept."""
    return [span("slow", DB, milliseconds=900) for _ in range(count)]


def test_a_half_open_connection_is_given_up_and_tried_again(
    start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink]
) -> None:
    """Bytes vanish on the way to Jaeger without an error: Sentry has all at once, Jaeger once it is open again."""
    with Road(sinks["jaeger"].endpoint) as road:
        collector = start_collector(IMPATIENT, OTELMON_COLLECTOR_JAEGER_ENDPOINT=road.endpoint)
        before = slow(2)
        collector.send("/v1/traces", traces(before))
        sinks["jaeger"].wait_for(lambda sink: missing(sink, before) == 0)
        road.silent = True
        sent = slow(20)
        for each in sent:
            assert collector.send("/v1/traces", traces([each])) == 200
        sinks["sentry"].wait_for(lambda sink: missing(sink, sent) == 0)
        end = time.monotonic() + 10
        while "context deadline exceeded" not in collector.log.read_text():
            assert time.monotonic() < end
            time.sleep(0.05)
        assert road.swallowed > 0
        assert missing(sinks["jaeger"], sent) == len(sent)
        road.silent = False
        sinks["jaeger"].wait_for(lambda sink: missing(sink, sent) == 0, 30)


def test_a_slow_back_end_slows_nobody(start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink]) -> None:
    """Jaeger takes 0.5 s for each answer: senders are answered at once, Sentry has all long before Jaeger has."""
    sinks["jaeger"].delay = 0.5
    try:
        collector = start_collector("--config=yaml:exporters::otlp_http/jaeger::sending_queue::num_consumers: 1")
        sent, longest = slow(30), 0.0
        for each in sent:
            began = time.monotonic()
            assert collector.send("/v1/traces", traces([each])) == 200
            longest = max(longest, time.monotonic() - began)
            time.sleep(0.1)
        sinks["sentry"].wait_for(lambda sink: missing(sink, sent) == 0, 5)
        assert missing(sinks["jaeger"], sent) > 0
        sinks["jaeger"].wait_for(lambda sink: missing(sink, sent) == 0, 40)
        assert longest < 0.5
    finally:
        sinks["jaeger"].delay = 0.0


def test_a_wrong_certificate_keeps_the_data_on_the_agent(sinks: dict[str, OtlpSink], tmp_path: Path) -> None:
    """A gateway that shows a certificate nobody knows gets nothing: spans wait, the log says why; then they arrive."""
    known, other = certificate(tmp_path, "known"), certificate(tmp_path, "other")
    gateway = OtlpSink()
    context = gateway.demand_tls(*other)
    token = tmp_path / "token"
    token.write_text("token\n")
    environment = {
        "OTELMON_COLLECTOR_GATEWAY_ENDPOINT": gateway.endpoint.replace("http:", "https:"),
        "OTELMON_COLLECTOR_GATEWAY_CA_FILE": str(known[0]),
        "OTELMON_COLLECTOR_GATEWAY_TOKEN_FILE": str(token),
        "OTELMON_COLLECTOR_QUEUE_DIRECTORY": str(tmp_path / "queue"),
        "OTELMON_COLLECTOR_OWN_METRICS_ENDPOINT": f"{sinks['metrics'].endpoint}/v1/metrics",
    }
    agent = Collector(build.collector_program(), environment, tmp_path / "log", (AGENT_IMPATIENT,), "agent").start()
    try:
        sent = slow(5)
        assert agent.send("/v1/traces", traces(sent)) == 200
        end = time.monotonic() + 15
        while "certificate signed by unknown authority" not in agent.log.read_text():
            assert time.monotonic() < end
            time.sleep(0.05)
        assert gateway.spans() == []
        context.load_cert_chain(*known)
        gateway.wait_for(lambda sink: missing(sink, sent) == 0, 30)
        assert total(sinks["metrics"], "otelcol_exporter_send_failed_spans", exporter="otlp_http/gateway") == 0
    finally:
        agent.stop()
        gateway.close()
