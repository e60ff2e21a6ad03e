"""Each span arrives once at each back end; one back end's trouble is its own; nothing queued is lost."""

from __future__ import annotations

import json
import signal
import socket
import threading
import time
import urllib.error
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from tests.collector.telemetry import INTERNAL, gauge, logs, span, traces
from tests.otlp_sink import OtlpSink, attributes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from opentelemetry.proto.trace.v1.trace_pb2 import Span

    from tests.collector.conftest import Collector

pytestmark = pytest.mark.parts

DB = {"db.system.name": "postgresql", "db.query.text": "SELECT 1"}


def one_trace() -> list[Span]:
    """Returns a trace of a fast root, a fast query and a slow query."""
    trace_id = bytes(range(1, 17))
    return [
        span("job", kind=INTERNAL, trace_id=trace_id),
        span("fast", DB, trace_id=trace_id),
        span("slow", DB, milliseconds=900, trace_id=trace_id),
    ]


def ordinary(count: int = 20) -> list[Span]:
    """Returns spans of separate traces that nothing marks."""
    return [span("view", kind=INTERNAL) for _ in range(count)]


def times_arrived(sink: OtlpSink, sent: Iterable[Span]) -> Counter[int]:
    """Returns how many spans arrived how often."""
    seen = Counter(each.span_id for each in sink.spans())
    return Counter(seen[each.span_id] for each in sent)


def wait_for_spans(sink: OtlpSink, sent: Iterable[Span], seconds: float = 20.0) -> None:
    """Waits until every span is there."""
    wanted = {each.span_id for each in sent}
    sink.wait_for(lambda sink: wanted <= {each.span_id for each in sink.spans()}, seconds)


def wait_past_the_decision(collector: Collector, sink: OtlpSink) -> None:
    """Waits until a trace sent now has been decided: a later duplicate or sampled span would be there by then."""
    marker = [span("marker", kind=INTERNAL), span("marker", DB, milliseconds=900)]
    marker[0].trace_id = marker[1].trace_id
    time.sleep(0.05)
    collector.send("/v1/traces", traces(marker))
    wait_for_spans(sink, marker)


@pytest.mark.parametrize("percentage", ["100", "0"])
def test_each_span_arrives_once_at_each_back_end(
    start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink], percentage: str
) -> None:
    """A trace with a slow query arrives whole and without duplicates, whatever share of the others is kept."""
    collector = start_collector(OTELMON_COLLECTOR_SAMPLING_PERCENTAGE=percentage)
    sent, others = one_trace(), ordinary()
    for each in sent:
        each.trace_id = others[0].trace_id[:8] + percentage.rjust(8).encode()
    collector.send("/v1/traces", traces([*sent, *others]))
    for name in ("jaeger", "sentry"):
        wait_for_spans(sinks[name], sent)
        wait_past_the_decision(collector, sinks[name])
        assert times_arrived(sinks[name], sent) == {1: 3}, name
        assert times_arrived(sinks[name], others) == ({1: 20} if percentage == "100" else {0: 20}), name


def test_a_kept_span_does_not_wait_for_the_decision(
    start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink]
) -> None:
    """A slow query is at Sentry although its trace is still waiting to be decided."""
    slow = span("slow", DB, milliseconds=900)
    start_collector(OTELMON_COLLECTOR_DECISION_WAIT="60s").send("/v1/traces", traces([slow]))
    wait_for_spans(sinks["sentry"], [slow], seconds=5)


def test_a_back_end_in_trouble_disturbs_no_other_and_loses_nothing(
    start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink]
) -> None:
    """While Sentry answers 503 Jaeger gets its spans at once; Sentry gets every one, once, when it is well again."""
    collector = start_collector()
    sent = [span("slow", DB, milliseconds=900) for _ in range(50)]
    sinks["sentry"].status = 503
    try:
        for each in sent:
            assert collector.send("/v1/traces", traces([each])) == 200
        wait_for_spans(sinks["jaeger"], sent, seconds=5)
        sinks["sentry"].wait_for(lambda sink: sink.refused)
        assert times_arrived(sinks["sentry"], sent) == {0: 50}
    finally:
        sinks["sentry"].status = 200
    wait_for_spans(sinks["sentry"], sent)
    assert times_arrived(sinks["sentry"], sent) == {1: 50}
    assert times_arrived(sinks["jaeger"], sent) == {1: 50}


def test_an_absent_back_end_with_a_full_queue_disturbs_nobody(
    start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink]
) -> None:
    """Nobody listens where Jaeger should be and its queue is full: senders get 200 and Sentry everything once."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        absent = f"http://127.0.0.1:{unused.getsockname()[1]}"
        tiny = "--config=yaml:exporters::otlp_http/jaeger::sending_queue::queue_size: 4096"
        collector = start_collector(tiny, OTELMON_COLLECTOR_JAEGER_ENDPOINT=absent)
        sent = [span("slow", {**DB, "padding": "x" * 2000}, milliseconds=900) for _ in range(60)]
        for each in sent:
            assert collector.send("/v1/traces", traces([each])) == 200
            time.sleep(0.01)
        wait_for_spans(sinks["sentry"], sent)
        assert times_arrived(sinks["sentry"], sent) == {1: 60}
        end = time.monotonic() + 20
        while "sending queue is full" not in collector.log.read_text():
            assert time.monotonic() < end
            time.sleep(0.05)


def test_what_is_queued_survives_a_kill(start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink]) -> None:
    """Spans queued for a back end that was away are delivered by the next process, after a kill -9 of the first."""
    sent = [span("slow", DB, milliseconds=900) for _ in range(20)]
    sinks["jaeger"].status = 503
    try:
        collector = start_collector()
        collector.send("/v1/traces", traces(sent))
        wait_for_spans(sinks["sentry"], sent)
        sinks["jaeger"].wait_for(lambda sink: sink.refused)
        assert collector.stop(signal.SIGKILL) == -signal.SIGKILL
    finally:
        sinks["jaeger"].status = 200
    assert times_arrived(sinks["jaeger"], sent) == {0: 20}
    collector.start()
    wait_for_spans(sinks["jaeger"], sent)


def test_a_normal_end_loses_nothing_that_waits(
    start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink]
) -> None:
    """SIGTERM decides the traces that still wait in memory: they are sent, or queued on disk for the next start."""
    collector = start_collector(OTELMON_COLLECTOR_DECISION_WAIT="60s")
    sent = ordinary()
    collector.send("/v1/traces", traces(sent))
    assert collector.stop() == 0
    collector.start()
    wait_for_spans(sinks["jaeger"], sent)


def test_above_the_memory_limit_senders_keep_their_data(start_collector: Callable[..., Collector]) -> None:
    """The only pressure on senders is the memory limit's: they are told 503, which OTLP senders try again."""
    collector = start_collector(OTELMON_COLLECTOR_MEMORY_LIMIT_MIB="4")
    end = time.monotonic() + 10
    while (status := answer(collector)) == 200 and time.monotonic() < end:
        time.sleep(0.05)
    assert status == 503


def answer(collector: Collector) -> int:
    """Sends one span and returns the status, a refusal's too."""
    try:
        return collector.send("/v1/traces", traces([span("x", DB)]))
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_events_go_to_sentry(start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink]) -> None:
    """A log record with an event name arrives as it was sent."""
    sent = logs("pool exhausted", {"db.client.connection.pool.name": "p"}, "otelmon.pool.exhausted")
    start_collector().send("/v1/logs", sent)
    sinks["sentry"].wait_for(lambda sink: sink.events())
    event = sinks["sentry"].events()[-1]
    assert (event.event_name, event.body.string_value) == ("otelmon.pool.exhausted", "pool exhausted")
    assert attributes_of(event)["db.client.connection.pool.name"] == "p"


def test_metrics_of_application_spans_and_collector_arrive(
    start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink]
) -> None:
    """Within 15 s the store has the application's gauge, the calls counted before sampling and the Collector's own."""
    collector = start_collector(OTELMON_COLLECTOR_SAMPLING_PERCENTAGE="0")
    collector.send("/v1/metrics", gauge("otelmon.github.rate_limit.remaining", 42))
    collector.send("/v1/traces", traces([*ordinary(), span("slow", DB, milliseconds=900)]))
    wanted = {
        "otelmon.github.rate_limit.remaining",
        "traces.span.metrics.calls",
        "traces.span.metrics.duration",
        "otelmon.collector.kept_spans",
        "otelcol_exporter_queue_size",
    }
    sinks["metrics"].wait_for(lambda sink: wanted <= set(sink.metrics()))


def test_promoted_spans_are_not_counted(start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink]) -> None:
    """A span that exists only because it was slow under a head sampler changes no figure, yet arrives."""
    collector = start_collector()
    promoted = span("promoted-only", {**DB, "otelmon.promoted": True}, milliseconds=900)
    counted = span("counted", DB, milliseconds=900)
    collector.send("/v1/traces", traces([promoted, counted]))
    wait_for_spans(sinks["jaeger"], [promoted])
    sinks["metrics"].wait_for(lambda sink: "counted" in span_names(sink))
    assert "promoted-only" not in span_names(sinks["metrics"])


def span_names(sink: OtlpSink) -> set[str]:
    """Returns every span name that the derived counters ever had."""
    return {
        attributes_of(point)["span.name"]
        for message in sink.messages("/v1/metrics")
        for resource in message.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
        if metric.name == "traces.span.metrics.calls"
        for point in metric.sum.data_points
    }


@contextmanager
def header_recorder(seen: list[tuple[str, str | None]]) -> Iterator[str]:
    """Takes any request, notes path and x-sentry-auth, and gives its own base address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append((self.path, self.headers.get("x-sentry-auth")))
            self.rfile.read(int(self.headers.get("content-length", "0")))
            self.send_response(202)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keeps quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_sentry_gets_its_key_and_paths(start_collector: Callable[..., Collector]) -> None:
    """Requests go to the project's OTLP paths with the header that Sentry asks for; the key stands in no log line."""
    seen: list[tuple[str, str | None]] = []
    with header_recorder(seen) as base:
        collector = start_collector(
            OTELMON_COLLECTOR_SENTRY_ENDPOINT=f"{base}/api/7/integration/otlp", OTELMON_COLLECTOR_SENTRY_KEY="abcdef99"
        )
        collector.send("/v1/traces", traces([span("slow", DB, milliseconds=900)]))
        collector.send("/v1/logs", logs("x", {}))
        end = time.monotonic() + 10
        while len({path for path, _ in seen}) < 2 and time.monotonic() < end:
            time.sleep(0.02)
        collector.stop()
    key = "sentry sentry_key=abcdef99"
    assert set(seen) == {("/api/7/integration/otlp/v1/traces", key), ("/api/7/integration/otlp/v1/logs", key)}
    assert "abcdef99" not in collector.log.read_text(), json.dumps(seen)
