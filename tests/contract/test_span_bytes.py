"""Our encoder of spans equals the official one: whatever a span holds, both decode to the same."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

from otelmon.calls.finished_server_span import FinishedServerSpan
from otelmon.calls.leaf_span import LeafSpan
from otelmon.calls.prepared_attributes import PreparedAttributes
from otelmon.exporters import span_bytes
from otelmon.exporters.span_bytes import SpanEncoder
from otelmon.exporters.span_requests import requests_of
from otelmon.exporters.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WORDS = st.text(max_size=40)
# Half of a surrogate pair cannot be encoded; 2**63 and more do not fit; both are in the span all the same.
ODD_WORDS = st.text(st.characters(codec=None, categories=None), max_size=10)
SCALARS = st.one_of(
    WORDS,
    ODD_WORDS,
    st.booleans(),
    st.integers(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.sampled_from([0, 1, True, False, 0.0, -0.0, 1.0, 2**63 - 1, -(2**63), 127, 128, "", "x" * 200]),
    st.binary(max_size=20),
    st.none(),
)
VALUES = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=4),
    st.lists(SCALARS, max_size=4).map(tuple),
    st.dictionaries(WORDS, SCALARS, max_size=2),
)
ATTRIBUTES = st.one_of(st.none(), st.dictionaries(WORDS, VALUES, max_size=6))
CONTEXTS = st.builds(
    SpanContext,
    st.integers(1, 2**128 - 1),
    st.integers(1, 2**64 - 1),
    st.booleans(),
    st.just(TraceFlags(1)),
    st.sampled_from([None, TraceState(), TraceState([("vendor", "a=b"), ("other", "1")])]),
)
TIMES = st.one_of(st.none(), st.just(0), st.integers(1, 2**64 - 1))
EVENTS = st.builds(Event, WORDS, ATTRIBUTES, st.integers(1, 2**63))
LINKS = st.builds(Link, CONTEXTS, ATTRIBUTES)
STATUSES = st.one_of(
    st.just(Status(StatusCode.UNSET)),
    st.just(Status(StatusCode.OK)),
    st.builds(Status, st.just(StatusCode.ERROR), WORDS),
)
RESOURCES = [Resource({"service.name": "a", "n": 1}), Resource({}, "https://schema/1"), Resource({"service.name": "b"})]
SCOPES = [
    None,
    InstrumentationScope("x", "1"),
    InstrumentationScope("x", "1"),
    InstrumentationScope("y", None, "s", {"k": 1}),
]


class Counted(ReadableSpan):
    """A span from which limits have dropped something."""

    dropped_attributes, dropped_events, dropped_links = 3, 300, 1


SPANS = st.builds(
    lambda made_as, fields: made_as(**fields),
    st.sampled_from([ReadableSpan, ReadableSpan, Counted]),
    st.fixed_dictionaries(
        {
            "name": WORDS,
            "context": CONTEXTS,
            "parent": st.one_of(st.none(), CONTEXTS),
            "resource": st.sampled_from(RESOURCES),
            "attributes": ATTRIBUTES,
            "events": st.lists(EVENTS, max_size=2),
            "links": st.lists(LINKS, max_size=2),
            "kind": st.sampled_from(list(SpanKind)),
            "status": STATUSES,
            "start_time": TIMES,
            "end_time": TIMES,
            "instrumentation_scope": st.sampled_from(SCOPES),
        }
    ),
)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """The official encoder logs a traceback for each attribute that it leaves out."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def flat(request: ExportTraceServiceRequest) -> list[tuple[str, str, str, str, bytes]]:
    """Returns the spans of a request with what they belong to, sorted: their order among scopes means nothing."""
    return sorted(
        (
            str(resource.resource),
            resource.schema_url,
            str(scope.scope),
            scope.schema_url,
            span.SerializeToString(deterministic=True),
        )
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    )


def ours(encoder: SpanEncoder, spans: Sequence[ReadableSpan], **limits: Any) -> list[ExportTraceServiceRequest]:
    """Returns what our encoder makes of spans, decoded by the official classes."""
    return [ExportTraceServiceRequest.FromString(body) for _, body in requests_of(encoder, spans, Turns(), **limits)]


ENCODER = SpanEncoder()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(SPANS, min_size=1, max_size=5))
def test_equals_the_official_encoder(spans: list[ReadableSpan]) -> None:
    """One encoder, warm from all examples before, makes of any batch what the official one makes."""
    (request,) = ours(ENCODER, spans)
    assert flat(request) == flat(encode_spans(spans))
    assert len(request.resource_spans) == len(encode_spans(spans).resource_spans)


def span(attributes: dict[str, Any], **fields: Any) -> ReadableSpan:
    """Returns a span with attributes."""
    context = SpanContext(1, 2, is_remote=False, trace_flags=TraceFlags(1))
    return ReadableSpan(
        name=fields.pop("name", "SELECT"), context=context, attributes=attributes, start_time=1, end_time=2, **fields
    )


def test_common_spans_are_never_encoded_officially(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attributes of every type that the specification knows take the quick way."""
    common = span({"s": "x", "b": True, "i": 3, "f": 0.5, "many": ("a", "b"), "numbers": [1, 2]}, kind=SpanKind.CLIENT)
    expected = flat(encode_spans([common]))
    encoder = SpanEncoder()
    encoder.origin(common)
    monkeypatch.setattr(span_bytes, "encode_spans", None)
    assert flat(ours(encoder, [common])[0]) == expected


def test_equal_values_of_other_types_are_told_apart() -> None:
    """1, True and 1.0 are equal keys of a dictionary and different values of OTLP, in whatever order they come."""
    encoder = SpanEncoder()
    for value in (1, True, 1.0, 0, False, 0.0, -0.0, True, 1):
        one = span({"k": value})
        assert flat(ours(encoder, [one])[0]) == flat(encode_spans([one]))


def test_memory_is_bounded() -> None:
    """A million distinct pairs, names and scopes leave no more behind than a few thousand."""
    encoder = SpanEncoder()
    for number in range(20_000):
        scope = InstrumentationScope(f"s{number}") if number < 1000 else SCOPES[1]
        encoder.span(each := span({"k": f"v{number}"}, name=f"n{number}", instrumentation_scope=scope))
        encoder.origin(each)
    sizes = encoder.sizes()
    assert max(sizes) <= span_bytes.REMEMBERED
    assert min(sizes) > 0


def test_requests_are_bounded_by_bytes() -> None:
    """A batch is cut where the next span would not fit; a span larger than the limit goes alone; the order stays."""
    spans = [span({"k": "x" * size}, name=str(index)) for index, size in enumerate((10, 400, 2000, 10, 10))]
    parts = ours(SpanEncoder(), spans, largest=600)
    names = [[each.name for r in part.resource_spans for s in r.scope_spans for each in s.spans] for part in parts]
    assert names == [["0", "1"], ["2"], ["3", "4"]]
    assert [number for number, _ in requests_of(SpanEncoder(), spans, Turns(), 600)] == [2, 1, 2]


@settings(max_examples=100, deadline=None)
@given(SPANS, st.dictionaries(WORDS, SCALARS.filter(lambda value: value is not None), max_size=4))
def test_leaf_spans_equal_the_official_encoder(model: ReadableSpan, more: dict[str, Any]) -> None:
    """Of a finished call's span, whose prepared attributes are encoded once, the official encoder makes the same."""
    leaf = LeafSpan()
    leaf.name, leaf.trace_id, leaf.span_id, leaf.parent = model.name, 5, 7, model.parent
    leaf.start_time, leaf.end_time, leaf.status = 1, 2**63, model.status
    leaf.resource, leaf.instrumentation_scope = model.resource, model.instrumentation_scope
    leaf.prepared_attributes, leaf.more_attributes = PREPARED, {f"more.{key}": more[key] for key in more}
    server = FinishedServerSpan()
    vars(server).update(vars(leaf), parent=None, own_trace_state=TraceState([("a", "1")]))
    for each in (leaf, server):
        for _ in ("encoded", "from memory"):
            assert flat(ours(ENCODER, [each])[0]) == flat(encode_spans([each]))
    assert all(each.encoded is not None for each in PREPARED)


PREPARED = (PreparedAttributes({"a": "b", "n": 7}), PreparedAttributes({}))
