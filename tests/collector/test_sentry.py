"""What Sentry gets: scalars with environment and release, in requests that it takes, as often as it asks for."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf.json_format import MessageToDict

from otelmon.operate import resources
from otelmon.operate.errors import OperateError
from otelmon.operate.sentry.lint import lint_file
from otelmon.operate.sentry.projects import overlay, parse
from tests.collector.telemetry import INTERNAL, logs, pairs, span, traces
from tests.otlp_sink import OtlpSink, attributes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from opentelemetry.proto.trace.v1.trace_pb2 import Span

    from tests.collector.conftest import Collector

pytestmark = pytest.mark.parts

DB = {"db.system.name": "postgresql", "db.query.text": "SELECT 1"}
LARGEST_REQUEST = 5 * 1024 * 1024


def arrived(sink: OtlpSink, sent: Iterable[Span], seconds: float = 20.0) -> list[Span]:
    """Waits until every span is there and returns them in the order sent."""
    wanted = [each.span_id for each in sent]
    sink.wait_for(lambda sink: set(wanted) <= {each.span_id for each in sink.spans()}, seconds)
    found = {each.span_id: each for each in sink.spans()}
    return [found[each] for each in wanted]


def resource(**attributes: str) -> list[Any]:
    """Returns the attributes of a resource; dots are double underscores."""
    return pairs({name.replace("__", "."): value for name, value in attributes.items()})


def records(sink: OtlpSink, marker: str) -> list[dict[str, Any]]:
    """Returns the attributes of the log records that carry a marker."""
    return [found for each in sink.events() if (found := attributes_of(each)).get("test.marker") == marker]


def test_sentry_gets_scalars_with_environment_and_release(
    start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink]
) -> None:
    """Lists become scalars and an exception's event attributes of the span at Sentry; Jaeger's copy stays as it was."""
    collector = start_collector()
    failed = span("view", {"app.tags": ["one", "two"]}, kind=INTERNAL, error="it failed")
    event = failed.events.add(name="exception", time_unix_nano=failed.end_time_unix_nano)
    event.attributes.extend(pairs({"exception.type": "ValueError", "exception.message": "not good"}))
    request = traces([failed])
    request.resource_spans[0].resource.attributes.extend(
        resource(service__version="1.2", deployment__environment__name="staging")
    )
    collector.send("/v1/traces", request)
    (at_sentry,), (at_jaeger,) = arrived(sinks["sentry"], [failed]), arrived(sinks["jaeger"], [failed])
    found = attributes_of(at_sentry)
    assert {name: found.get(name) for name in ("sentry.environment", "sentry.release")} == {
        "sentry.environment": "staging",
        "sentry.release": "sender@1.2",
    }
    assert (found["app.tags.0"], found["app.tags.1"], found.get("app.tags")) == ("one", "two", None)
    assert (found["exception.type"], found["exception.message"]) == ("ValueError", "not good")
    assert "sentry.environment" not in attributes_of(at_jaeger)
    assert [each.name for each in at_jaeger.events] == ["exception"]


def test_a_sender_without_environment_gets_the_one_that_is_set(
    start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink]
) -> None:
    """Neither spans nor logs arrive at Sentry without an environment, and a log tells the name of its event."""
    collector = start_collector(OTELMON_COLLECTOR_SENTRY_ENVIRONMENT="qa-2")
    slow = span("slow", DB, milliseconds=900)
    collector.send("/v1/traces", traces([slow]))
    collector.send("/v1/logs", logs("it leaks", {"test.marker": "environment"}, "otelmon.connection.leaked"))
    (at_sentry,) = arrived(sinks["sentry"], [slow])
    sinks["sentry"].wait_for(lambda sink: records(sink, "environment"))
    (record,) = records(sinks["sentry"], "environment")
    assert attributes_of(at_sentry)["sentry.environment"] == "qa-2"
    assert "sentry.release" not in attributes_of(at_sentry)
    assert (record["sentry.environment"], record["event.name"]) == ("qa-2", "otelmon.connection.leaked")


def test_requests_stay_below_what_sentry_takes(
    start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink]
) -> None:
    """Spans of 40 kB and one of 1 MB arrive, none missing, in requests under 5 MiB before compression."""
    collector = start_collector()
    large = [span("slow", {**DB, "app.note": "x " * 20_000}, milliseconds=900) for _ in range(200)]
    huge = span("slow", {**DB, "app.note": "x " * 500_000}, milliseconds=900)
    before = len(sinks["sentry"].raw)
    for start in range(0, len(large), 50):
        collector.send("/v1/traces", traces(large[start : start + 50]))
    collector.send("/v1/traces", traces([huge]))
    arrived(sinks["sentry"], [*large, huge], seconds=40)
    sizes = [len(body) for path, body in sinks["sentry"].raw[before:] if path == "/v1/traces"]
    assert sum(sizes) > 7_500_000
    assert max(sizes) < LARGEST_REQUEST


def test_a_rate_limit_is_waited_out(start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink]) -> None:
    """After a 429 one request is refused and no other sent until its Retry-After is over; then all arrives."""
    collector, sink = start_collector(), sinks["sentry"]
    sent = [span("slow", DB, milliseconds=900) for _ in range(30)]
    before, sink.status, sink.headers = sink.refused, 429, {"retry-after": "10", "x-sentry-rate-limits": "10::key"}
    try:
        for each in sent:
            collector.send("/v1/traces", traces([each]))
        sink.wait_for(lambda sink: sink.refused > before)
        time.sleep(3)  # this long nothing may be sent: there is no event to wait for
        assert sink.refused == before + 1
    finally:
        sink.status, sink.headers = 200, {}
    arrived(sink, sent)


def test_in_a_brown_out_sentry_gets_the_first_of_a_statement(
    start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink]
) -> None:
    """Jaeger gets every marked span, Sentry those of rank 1 and 2; their events, and operations, are thinned alike."""
    collector = start_collector(OTELMON_COLLECTOR_SENTRY_FIRST="2")
    sent = [span("slow", {**DB, "otelmon.marked.rank": rank}, milliseconds=900) for rank in range(1, 7)]
    other = span("other", {"http.request.method": "GET"}, milliseconds=3000)
    collector.send("/v1/traces", traces([*sent, other]))
    for rank in range(1, 7):
        collector.send(
            "/v1/logs", logs("slow", {"test.marker": "brown", "otelmon.marked.rank": rank}, "otelmon.db.slow")
        )
    collector.send("/v1/logs", logs("op", {"test.marker": "brown"}, "otelmon.db.operation"))
    collector.send("/v1/logs", logs("last", {"test.marker": "brown", "last": True}, "otelmon.pool.exhausted"))
    arrived(sinks["jaeger"], [*sent, other])
    arrived(sinks["sentry"], [*sent[:2], other])
    sinks["sentry"].wait_for(lambda sink: any(each.get("last") for each in records(sink, "brown")))
    at_sentry = {each.span_id for each in sinks["sentry"].spans()}
    assert [each.span_id in at_sentry for each in sent] == [True, True, False, False, False, False]
    assert [each["event.name"] for each in records(sinks["sentry"], "brown")] == [
        "otelmon.db.slow",
        "otelmon.db.slow",
        "otelmon.pool.exhausted",
    ]


def test_an_error_that_sentry_sdk_has_sent_comes_once(
    start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink]
) -> None:
    """The record of an error is left out of Sentry where sentry-sdk has sent the event, and only there."""
    collector = start_collector()
    attributes = {"test.marker": "once"}
    collector.send("/v1/logs", logs("error", {**attributes, "otelmon.sentry.captured": True}, "otelmon.db.error"))
    collector.send("/v1/logs", logs("error", {**attributes, "error.type": "23505"}, "otelmon.db.error"))
    sinks["sentry"].wait_for(lambda sink: records(sink, "once"))
    assert [each.get("error.type") for each in records(sinks["sentry"], "once")] == ["23505"]


def otlp_json(message: Any, path: Path) -> None:
    """Appends a request to a file as the Collector's file exporter writes it."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(MessageToDict(message)) + "\n")


def test_sentry_would_drop_nothing_of_what_it_gets(
    start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink], tmp_path: Path
) -> None:
    """The lint finds fault with what a sender sends, and with nothing of what leaves for Sentry."""
    collector = start_collector()
    failed = span("lint", {"app.tags": ["one", "two"]}, kind=INTERNAL, error="it failed")
    failed.events.add(name="exception").attributes.extend(pairs({"exception.type": "ValueError"}))
    request = traces([failed])
    otlp_json(request, tmp_path / "sent")
    collector.send("/v1/traces", request)
    collector.send("/v1/logs", logs("x" * 3_000_000, {"test.marker": "lint", "list": ["a"]}, "application.event"))
    arrived(sinks["sentry"], [failed])
    sinks["sentry"].wait_for(lambda sink: records(sink, "lint"))
    for signal in ("traces", "logs"):
        for message in sinks["sentry"].messages(f"/v1/{signal}"):
            otlp_json(message, tmp_path / "arrived")
    assert {each.what for each in lint_file(tmp_path / "sent")} == {
        "lists or maps as attributes",
        "span events",
        "no environment",
    }
    # Span events still travel, and Sentry drops them: what they say stands on the span as well.
    assert {each.what for each in lint_file(tmp_path / "arrived")} <= {"span events"}


def test_logs_go_into_files_that_are_rotated(start_collector: Callable[..., Collector], tmp_path: Path) -> None:
    """Every record is in a file, one request a line, and a full file makes room for a new one."""
    path = tmp_path / "logs" / "application.jsonl"
    overlay = resources.folder("collector") / "conf.d" / "64-export-log-files.yaml"
    collector = start_collector(
        f"--config={overlay}",
        # What is written at once must fit into one file, so small files need small batches.
        "--config=yaml:processors::batch/log_files: {send_batch_size: 4, send_batch_max_size: 8}",
        OTELMON_COLLECTOR_LOG_FILE=str(path),
        OTELMON_COLLECTOR_LOG_FILE_MEGABYTES="1",
    )
    for number in range(30):
        collector.send("/v1/logs", logs("x" * 60_000, {"number": number, "token": "ghp_0123456789abcdefghij"}))
    collector.stop()
    written = sorted(path.parent.iterdir())
    assert len(written) > 1
    lines = [json.loads(line) for each in written for line in each.read_text().splitlines()]
    found = [
        attribute["value"]["intValue"]
        for line in lines
        for resource in line["resourceLogs"]
        for scope in resource["scopeLogs"]
        for record in scope["logRecords"]
        for attribute in record["attributes"]
        if attribute["key"] == "number"
    ]
    assert sorted(map(int, found)) == list(range(30))
    assert "ghp_0123456789" not in "".join(each.read_text() for each in written)


def test_projects_are_told_apart_by_attribute(
    start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink], tmp_path: Path
) -> None:
    """Spans and logs of a service go to its own project and nowhere else; all others go to the first project."""
    path, own = tmp_path / "projects.yaml", OtlpSink()
    path.write_text(overlay([parse("web=service.name:web,api")]))
    try:
        collector = start_collector(
            f"--config={path}",
            OTELMON_COLLECTOR_SENTRY_WEB_ENDPOINT=own.endpoint,
            OTELMON_COLLECTOR_SENTRY_WEB_KEY="key",
        )
        of_web, of_others = span("slow", DB, milliseconds=900), span("slow", DB, milliseconds=900)
        collector.send("/v1/traces", traces([of_web], "api"))
        collector.send("/v1/traces", traces([of_others], "worker"))
        collector.send("/v1/logs", logs("mine", {"test.marker": "projects"}))
        arrived(own, [of_web])
        arrived(sinks["sentry"], [of_others])
        sinks["sentry"].wait_for(lambda sink: records(sink, "projects"))
        assert of_others.span_id not in {each.span_id for each in own.spans()}
        assert of_web.span_id not in {each.span_id for each in sinks["sentry"].spans()}
        assert records(own, "projects") == []
    finally:
        own.close()


@pytest.mark.parametrize("rules", [["web"], ["web=service.name:"], ["Web=a:b"], ["web=a:b", "web=a:c"]])
def test_a_wrong_rule_is_refused(rules: list[str]) -> None:
    """The form is named, and so is a name given twice."""
    with pytest.raises(OperateError, match=r"of the form|have one name"):
        overlay([parse(each) for each in rules])
