"""Who uses a table, out of the real metrics and trace stores."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from otelmon.operate.advise.call_sites import with_call_sites
from otelmon.operate.advise.finding import INFO, Finding, Subject
from otelmon.operate.errors import OperateError

if TYPE_CHECKING:
    from demo.parts.jaeger import Jaeger
    from demo.parts.victoriametrics import VictoriaMetrics

SECONDS_TO_ARRIVE = 60.0
RESOURCE = Resource({"service.name": "advised"})
# A table that no other test writes about; the quote is the query language's, not the database's.
TABLE = 'advised_"table'
ATTRIBUTES = {"db.collection.name": TABLE, "db.operation.name": "SELECT"}
INDEX = Finding("unused_index", INFO, Subject("index", "i", "public", TABLE), "", "")
OTHER = Finding("unused_index", INFO, Subject("index", "i", "public", "never_used"), "", "")


def sites(metrics: str | None, traces: str | None) -> tuple[str, ...]:
    """Asks until there is an answer; a finding on another table must not get any."""
    deadline = time.monotonic() + SECONDS_TO_ARRIVE
    while time.monotonic() < deadline:
        found, other = with_call_sites([INDEX, OTHER], metrics, traces)
        assert other.call_sites == ()
        if found.call_sites:
            return found.call_sites
        time.sleep(0.5)
    return ()


def test_lines_of_code_come_from_traces(jaeger: Jaeger) -> None:
    """The lines of code on spans of a table stand with the finding, the most frequent first."""
    provider = TracerProvider(resource=RESOURCE)
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(f"{jaeger.otlp_endpoint}/v1/traces")))
    tracer = provider.get_tracer("test")
    for line in (7, 9, 9):
        place = {"code.file.path": "shop/orders.py", "code.line.number": line}
        tracer.start_span("SELECT", attributes={**ATTRIBUTES, **place}).end()
    tracer.start_span("SELECT", attributes=ATTRIBUTES).end()
    provider.shutdown()
    deadline = time.monotonic() + SECONDS_TO_ARRIVE
    wanted = ("advised: shop/orders.py:9, 2 spans", "advised: shop/orders.py:7, 1 spans")
    while (found := sites(None, jaeger.url)) != wanted:
        assert time.monotonic() < deadline, found
        time.sleep(0.5)


def test_services_come_from_metrics(victoriametrics: VictoriaMetrics) -> None:
    """Services and operations on a table come from the duration histogram."""
    exporter = OTLPMetricExporter(victoriametrics.otlp_endpoint)
    reader = PeriodicExportingMetricReader(exporter, export_interval_millis=3_600_000)
    provider = MeterProvider([reader], resource=RESOURCE)
    histogram = provider.get_meter("test").create_histogram("db.client.operation.duration", unit="s")
    for _ in range(3):
        histogram.record(0.1, ATTRIBUTES)
        provider.force_flush()
        time.sleep(1.1)
    provider.shutdown()
    [found] = sites(victoriametrics.url, None)
    assert found.startswith("advised: SELECT, ")
    assert found.endswith(" calls in 7 days")


@pytest.mark.parametrize(
    ("metrics", "traces", "said"),
    [
        pytest.param("http://user:hunter2@127.0.0.1:1", None, "--metrics gives no answer", id="metrics"),
        pytest.param(None, "http://user:hunter2@127.0.0.1:1", "--traces gives no answer", id="traces"),
        pytest.param("file:///etc/hunter2", None, "begins with http://", id="no web address"),
    ],
)
def test_address_without_answer(metrics: str | None, traces: str | None, said: str) -> None:
    """An address that does not answer ends the command; it is not repeated, because it may hold a password."""
    with pytest.raises(OperateError, match=said) as raised:
        with_call_sites([INDEX], metrics, traces)
    assert "hunter2" not in str(raised.value)
