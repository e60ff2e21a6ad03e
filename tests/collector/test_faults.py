"""What senders, disks and back ends do wrong: it is counted, nobody else is disturbed, and a restart works."""

from __future__ import annotations

import os
import signal
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from otelmon.operate.collector import queue_files
from tests.collector.accounts import missing, total
from tests.collector.telemetry import INTERNAL, span, traces
from tests.otlp_sink import OtlpSink, attributes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from opentelemetry.proto.trace.v1.trace_pb2 import Span

    from tests.collector.conftest import Collector

pytestmark = pytest.mark.parts
DB = {"db.system.name": "postgresql", "db.query.text": "SELECT 1"}


def slow(count: int = 1) -> list[Span]:
    """Returns spans that are kept."""
    return [span("slow", DB, milliseconds=900) for _ in range(count)]


def arrive(sink: OtlpSink, sent: Iterable[Span], seconds: float = 40.0) -> None:
    """Waits until every span is there."""
    wanted = list(sent)
    sink.wait_for(lambda sink: missing(sink, wanted) == 0, seconds)


@pytest.mark.parametrize("body", [b"\xff\xfe nonsense", b"\x0a\xff\xff\xff\xff\x0f"], ids=["noise", "cut short"])
def test_malformed_otlp_is_refused(start_collector: Callable[..., Collector], body: bytes) -> None:
    """What cannot be read is answered 400, and the next request is taken."""
    collector = start_collector()
    request = urllib.request.Request(
        f"http://127.0.0.1:{collector.http}/v1/traces", data=body, headers={"content-type": "application/x-protobuf"}
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    refused.value.close()
    assert refused.value.code == 400
    assert collector.send("/v1/traces", traces(slow())) == 200


def test_a_trace_of_a_hundred_thousand_spans_starves_nobody(
    start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink]
) -> None:
    """It is dropped and counted once it is larger than a trace may be; its slow span and other traces arrive."""
    collector = start_collector(OTELMON_COLLECTOR_TRACE_BYTES="1048576")
    trace_id = os.urandom(16)
    for _ in range(20):
        flood = [span("step", kind=INTERNAL, trace_id=trace_id) for _ in range(5000)]
        assert collector.send("/v1/traces", traces(flood)) == 200
    kept = [span("slow", DB, milliseconds=900, trace_id=trace_id), *slow()]
    other = span("view", kind=INTERNAL)
    collector.send("/v1/traces", traces([*kept, other]))
    arrive(sinks["jaeger"], [*kept, other])
    name = "otelcol_processor_tail_sampling_traces_dropped_too_large"
    sinks["metrics"].wait_for(lambda sink: total(sink, name) >= 1, 30)


def test_an_attribute_of_ten_megabytes_passes(
    start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink]
) -> None:
    """It arrives whole where it may, and what comes after it arrives as well."""
    collector = start_collector()
    large = span("slow", {**DB, "note": "x" * 10_000_000}, milliseconds=900)
    after = slow()
    collector.send("/v1/traces", traces([large]))
    collector.send("/v1/traces", traces(after))
    arrive(sinks["jaeger"], [large, *after])


def test_a_back_end_that_refuses_for_good_is_counted(
    start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink]
) -> None:
    """413 is not tried again: the spans are counted as failed, and Sentry has them all the same."""
    collector = start_collector()
    sent = slow(5)
    sinks["jaeger"].status = 413
    try:
        collector.send("/v1/traces", traces(sent))
        arrive(sinks["sentry"], sent)
        name, exporter = "otelcol_exporter_send_failed_spans", "otlp_http/jaeger"
        sinks["metrics"].wait_for(lambda sink: total(sink, name, exporter=exporter) >= len(sent), 40)
    finally:
        sinks["jaeger"].status = 200


def test_too_many_requests_are_waited_out(
    start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink]
) -> None:
    """429 with Retry-After is a pause, not a loss."""
    collector = start_collector()
    sent = slow(5)
    sinks["jaeger"].headers = {"retry-after": "1"}
    sinks["jaeger"].statuses = [429, 429]
    collector.send("/v1/traces", traces(sent))
    arrive(sinks["sentry"], sent)
    arrive(sinks["jaeger"], sent)
    sinks["jaeger"].headers = {}


def test_broken_queue_files_do_not_stop_a_start(
    start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink]
) -> None:
    """What `otelmon collector run` does first sets files of noise aside, and only them: the Collector starts."""
    collector = start_collector()
    collector.send("/v1/traces", traces(slow()))
    assert collector.stop(signal.SIGKILL) == -signal.SIGKILL
    files = list(Path(collector.environment["OTELMON_COLLECTOR_QUEUE_DIRECTORY"]).iterdir())
    assert files
    for path in files:
        path.write_bytes(os.urandom(65536))
    assert len(queue_files.set_aside(files[0].parent)) == len(files)
    collector.start()
    sent = slow()
    collector.send("/v1/traces", traces(sent))
    arrive(sinks["jaeger"], sent)
    assert queue_files.set_aside(files[0].parent) == ()


def test_random_span_names_end_in_one_series(
    start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink]
) -> None:
    """Names that carry ids make no more series than OTELMON_COLLECTOR_DERIVED_SERIES."""
    collector = start_collector(OTELMON_COLLECTOR_DERIVED_SERIES="100")
    collector.send("/v1/traces", traces((span(f"job {os.urandom(6).hex()}") for _ in range(1000)), "careless"))

    def series(sink: OtlpSink) -> int:
        return sum(
            len(metric.sum.data_points)
            for message in tuple(sink.messages("/v1/metrics"))[-5:]
            for resource in message.resource_metrics
            if attributes_of(resource.resource).get("service.name") == "careless"
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == "traces.span.metrics.calls"
        )

    sinks["metrics"].wait_for(lambda sink: series(sink) >= 100, 30)
    newest = [
        len(metric.sum.data_points)
        for message in sinks["metrics"].messages("/v1/metrics")
        for resource in message.resource_metrics
        if attributes_of(resource.resource).get("service.name") == "careless"
        for scope in resource.scope_metrics
        for metric in scope.metrics
        if metric.name == "traces.span.metrics.calls"
    ]
    assert max(newest) <= 101


def test_clocks_of_senders_that_step_mark_nothing_and_lose_nothing(
    start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink]
) -> None:
    """Spans that end before they begin, in 1970 or in 2200: they arrive, and none is taken for a slow one."""
    collector = start_collector()
    hour, far = 3600 * 10**9, 7_258_118_400 * 10**9
    stepped = [span("stepped", DB) for _ in range(4)]
    stepped[0].end_time_unix_nano -= hour
    stepped[1].start_time_unix_nano, stepped[1].end_time_unix_nano = 0, 1
    stepped[2].start_time_unix_nano, stepped[2].end_time_unix_nano = far, far + 1
    stepped[3].start_time_unix_nano, stepped[3].end_time_unix_nano = far, 0
    assert collector.send("/v1/traces", traces(stepped)) == 200
    arrive(sinks["jaeger"], stepped)
    names = {each.span_id for each in stepped}
    marks = [attributes_of(each).get("otelmon.keep") for each in sinks["jaeger"].spans() if each.span_id in names]
    assert marks == [None] * 4
