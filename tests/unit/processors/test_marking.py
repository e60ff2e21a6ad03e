"""Finished spans get their marks, and lose their secrets, on a copy."""

from __future__ import annotations

import gc
import json

import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from otelmon.ledger import Account, Counts
from otelmon.processors.marked_span import MarkedSpan
from otelmon.processors.marking import MarkingSpanProcessor, marked
from otelmon.processors.marks import marks_of
from otelmon.settings import Settings

MS = 1_000_000
SECRET = "planted-4711"


def span_of(attributes: dict, *, ms: float = 1, kind: SpanKind = SpanKind.CLIENT, error: bool = False) -> ReadableSpan:
    """Returns a finished span of a given duration."""
    return ReadableSpan(
        "SELECT",
        context=SpanContext(1, 2, is_remote=False, trace_flags=TraceFlags(1)),
        resource=Resource({}),
        attributes=attributes,
        kind=kind,
        status=Status(StatusCode.ERROR if error else StatusCode.UNSET),
        start_time=0,
        end_time=int(ms * MS),
    )


SLOW = {"otelmon.slow": True, "otelmon.slow_threshold_ms": 500}


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        pytest.param(span_of({"db.system.name": "postgresql"}, ms=499.9), {}, id="fast query"),
        pytest.param(
            span_of({"db.system.name": "postgresql"}, ms=500), {**SLOW, "otelmon.keep": "slow_db"}, id="slow query"
        ),
        pytest.param(
            span_of({"db.system": "postgresql"}, ms=600), {**SLOW, "otelmon.keep": "slow_db"}, id="older convention"
        ),
        pytest.param(
            span_of({"db.system": "postgresql"}, ms=600, error=True),
            {**SLOW, "otelmon.keep": "error"},
            id="an error comes before slow",
        ),
        pytest.param(span_of({}, error=True), {"otelmon.keep": "error"}, id="any failed span"),
        pytest.param(span_of({"http.request.method": "GET"}, ms=1999), {}, id="fast http"),
        pytest.param(
            span_of({"http.request.method": "GET"}, ms=2000),
            {"otelmon.slow": True, "otelmon.slow_threshold_ms": 2000, "otelmon.keep": "slow_http"},
            id="slow http client",
        ),
        pytest.param(span_of({"http.request.method": "GET"}, ms=2000, kind=SpanKind.SERVER), {}, id="slow http server"),
        pytest.param(span_of({"otelmon.github.throttle": "primary"}), {"otelmon.keep": "throttled"}, id="throttled"),
        pytest.param(span_of({"otelmon.keep": "leak"}, error=True), {}, id="a reason that is there already stays"),
        pytest.param(span_of({}, ms=60_000, kind=SpanKind.INTERNAL), {}, id="a long span that waits for nothing"),
    ],
)
def test_marks(span: ReadableSpan, expected: dict) -> None:
    """Each kind of finished span gets the marks that the rules give it."""
    assert marks_of(span, Settings()) == expected


def test_threshold_is_the_setting() -> None:
    """A lower threshold makes a faster query slow."""
    marks = marks_of(span_of({"db.system.name": "postgresql"}, ms=250), Settings(slow_query_threshold_ms=250))
    assert marks["otelmon.slow_threshold_ms"] == 250


@pytest.fixture
def pipeline():
    """Yields a tracer, its exporter and its account, with the marking processor in the chain."""
    exporter, account = InMemorySpanExporter(), Account("memory")
    processor = MarkingSpanProcessor(SimpleSpanProcessor(exporter), Settings(), account)
    provider = TracerProvider(span_limits=SpanLimits(max_span_attributes=2, max_events=1), shutdown_on_exit=False)
    provider.add_span_processor(processor)
    yield provider.get_tracer("test"), exporter, account
    provider.shutdown()


def test_span_leaves_marked_and_redacted(pipeline) -> None:
    """What the exporter sees has the mark and not the literal."""
    tracer, exporter, _ = pipeline
    with tracer.start_as_current_span("SELECT", kind=SpanKind.CLIENT) as span:
        span.set_attribute("db.system.name", "postgresql")
        span.set_attribute("db.query.text", f"select '{SECRET}'")
        span.set_status(Status(StatusCode.ERROR, f"IntegrityError: bad\nDETAIL: ({SECRET})"))
    (seen,) = exporter.get_finished_spans()
    assert seen.attributes["otelmon.keep"] == "error"
    assert seen.attributes["db.operation.name"] == "SELECT"
    assert "select" in seen.attributes["db.query.text"].lower()
    assert SECRET not in seen.to_json()
    assert SECRET not in str(encode_spans([seen]))


def test_every_place_of_a_span_is_redacted(pipeline) -> None:
    """Name, attributes, events, stack traces, links and status hold no planted value."""
    tracer, exporter, _ = pipeline
    link = Link(SpanContext(3, 4, is_remote=False), {"url.full": f"https://h/?token={SECRET}"})
    span = tracer.start_span(f"select '{SECRET}'", kind=SpanKind.CLIENT, links=[link])
    span.set_attribute("db.system.name", "postgresql")
    span.set_attribute("db.statement", f"select '{SECRET}'")
    try:
        raise ValueError(f"Key (email)=({SECRET}) exists\nDETAIL: {SECRET}")
    except ValueError as error:
        span.record_exception(error)
    span.end()
    (seen,) = exporter.get_finished_spans()
    text = str(encode_spans([seen])) + seen.to_json()
    assert SECRET not in text
    assert "ValueError" in text


def test_identity_times_and_dropped_counts_are_the_originals(pipeline) -> None:
    """The copy is the same span to every reader."""
    tracer, exporter, _ = pipeline
    with tracer.start_as_current_span("parent") as parent:
        child = tracer.start_span("child", attributes={"a": 1, "b": 2, "c": 3})
        child.add_event("one")
        child.add_event("two")
        child.end()
    seen = exporter.get_finished_spans()[0]
    assert (seen.context, seen.parent, seen.get_span_context()) == (child.context, parent.context, child.context)
    assert (seen.start_time, seen.end_time) == (child.start_time, child.end_time)
    assert (seen.dropped_attributes, seen.dropped_events, seen.dropped_links) == (1, 1, 0)
    assert (seen.kind, seen.resource) == (child.kind, child.resource)
    assert seen.instrumentation_scope == child.instrumentation_scope
    encoded = encode_spans([seen]).resource_spans[0].scope_spans[0].spans[0]
    assert (encoded.dropped_attributes_count, encoded.dropped_events_count) == (1, 1)


def test_fields_read_past_the_properties_are_redacted_too() -> None:
    """An exporter that reads the underscored fields gets the copy's."""
    span = MarkedSpan(span_of({"db.system": "x", "db.statement": f"'{SECRET}'"}), {}, "redacted", None)
    assert SECRET not in str(span._attributes)
    assert span._name == "SELECT"


def test_failing_redaction_costs_information_never_a_secret(monkeypatch) -> None:
    """Where a rule raises, the part it should have cleaned is left out."""
    from otelmon import guard
    from otelmon.processors import redaction

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    guard.set_strict(False)
    for name in ("redact_attributes", "redact_span_name", "redact_error_message"):
        monkeypatch.setattr(redaction, name, fail)
    span = MarkedSpan(span_of({"db.system": "x", "db.statement": SECRET}), {"otelmon.keep": "error"}, "redacted", None)
    try:
        assert SECRET not in json.dumps(json.loads(span.to_json()))
        assert set(span.attributes) == {"db.operation.name", "db.query.summary", "otelmon.keep"}
        assert (span.name, span.events, span.links) == (redaction.REFUSED, (), ())
    finally:
        guard.reset()
        guard.set_strict(True)


def test_unsampled_span_is_handed_on_as_it_is() -> None:
    """What the exporting processor ignores is neither copied nor booked."""
    provider = TracerProvider(sampler=ALWAYS_OFF, shutdown_on_exit=False)
    account = Account("x")
    original = ReadableSpan("x", context=SpanContext(1, 2, is_remote=False))
    assert marked(original, Settings(), account) is original
    assert account.counts() == Counts()
    provider.shutdown()


def test_marked_span_is_not_marked_twice() -> None:
    """Two marking processors in a row give one mark and one booking."""
    account = Account("x")
    once = marked(span_of({}), Settings(), account)
    assert marked(once, Settings(), account) is once
    assert account.counts().started == 1


def test_span_that_is_let_go_is_booked_as_dropped() -> None:
    """A full queue drops a span by forgetting it."""
    account = Account("x")
    span = marked(span_of({}), Settings(), account)
    del span
    gc.collect()
    assert account.counts() == Counts(1, 0, {"queue_full": 1})


def test_settled_span_is_not_booked_as_dropped() -> None:
    """A span that an exporter has taken is the exporter's to book."""
    account = Account("x")
    span = marked(span_of({}), Settings(), account)
    span.settle()
    del span
    gc.collect()
    assert account.counts() == Counts(1, 0, {})


def test_shutdown_and_flush_reach_the_delegate() -> None:
    """The processor is transparent but for the end of spans."""
    exporter, account = InMemorySpanExporter(), Account("x")
    processor = MarkingSpanProcessor(SimpleSpanProcessor(exporter), Settings(), account)
    assert processor.force_flush()
    processor.shutdown()
    assert account.closed
    assert exporter._stopped
