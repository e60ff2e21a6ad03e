"""The Collector marks what must be kept, by the thresholds that the application reads too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from otelmon.settings import Settings
from tests.collector.telemetry import INTERNAL, SERVER, span, traces
from tests.otlp_sink import OtlpSink, attributes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from opentelemetry.proto.trace.v1.trace_pb2 import Span

    from tests.collector.conftest import Collector

pytestmark = pytest.mark.parts

DB = {"db.system.name": "postgresql", "db.query.text": "SELECT 1"}
HTTP = {"http.request.method": "GET", "server.address": "api.github.com"}
THROTTLED = {**HTTP, "otelmon.github.throttle": "primary"}

CASES: list[Any] = [
    pytest.param(span("db", DB, milliseconds=499), None, id="fast query"),
    pytest.param(span("db", DB, milliseconds=500), "slow_db", id="query at the threshold"),
    pytest.param(span("db", {"db.system": "postgresql"}, milliseconds=900), "slow_db", id="query by the old name"),
    pytest.param(span("get", HTTP, milliseconds=1999), None, id="fast call"),
    pytest.param(span("get", HTTP, milliseconds=2000), "slow_http", id="call at the threshold"),
    pytest.param(span("view", HTTP, milliseconds=9000, kind=SERVER), None, id="slow server span"),
    pytest.param(span("job", {}, milliseconds=9000, kind=INTERNAL), None, id="slow internal span"),
    pytest.param(span("db", DB, milliseconds=900, error="x"), "error", id="error before slow"),
    pytest.param(span("get", THROTTLED), "throttled", id="throttled"),
    pytest.param(
        span("get", THROTTLED, milliseconds=9000),
        "throttled",
        id="throttled first",
    ),
    pytest.param(span("db", {**DB, "otelmon.keep": "leak"}, milliseconds=900), "leak", id="marked already"),
]


@pytest.fixture(scope="module")
def arrived(start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink]) -> dict[bytes, dict[str, Any]]:
    """Sends every case at once and returns the attributes by span id, as Jaeger gets them."""
    collector = start_collector()
    collector.send("/v1/traces", traces(case.values[0] for case in CASES))
    return received(sinks["jaeger"], [case.values[0] for case in CASES])


def received(sink: OtlpSink, sent: Iterable[Span]) -> dict[bytes, dict[str, Any]]:
    """Waits for spans and returns their attributes by span id."""
    wanted = {each.span_id for each in sent}
    sink.wait_for(lambda sink: wanted <= {each.span_id for each in sink.spans()})
    return {each.span_id: attributes_of(each) for each in sink.spans()}


@pytest.mark.parametrize(("sent", "reason"), CASES)
def test_a_span_gets_the_first_reason_that_applies(
    arrived: dict[bytes, dict[str, Any]], sent: Span, reason: str | None
) -> None:
    """`otelmon.keep` is set where it was absent, in the order error, throttled, slow_db, slow_http."""
    assert arrived[sent.span_id].get("otelmon.keep") == reason


def test_a_slow_mark_tells_its_threshold(arrived: dict[bytes, dict[str, Any]]) -> None:
    """A span marked slow by the Collector carries the same facts as one marked by the application."""
    slow = arrived[CASES[1].values[0].span_id]
    assert (slow["otelmon.slow"], slow["otelmon.slow_threshold_ms"]) == (True, 500)


def test_the_threshold_is_the_applications_variable(
    start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink]
) -> None:
    """One variable at 200 moves both sides: a query of 300 ms is slow, though it is not by default."""
    query = span("db", DB, milliseconds=300)
    collector = start_collector(OTELMON_SLOW_QUERY_THRESHOLD="200")
    assert Settings.from_env(collector.environment)[0].slow_query_threshold_ms == 200
    collector.send("/v1/traces", traces([query]))
    marked = received(sinks["jaeger"], [query])[query.span_id]
    assert (marked["otelmon.keep"], marked["otelmon.slow_threshold_ms"]) == ("slow_db", 200)
