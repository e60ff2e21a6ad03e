"""What the benchmark's receiver counts in the protocols of peers, so that none wins by dropping."""

from __future__ import annotations

import gzip
import json

import msgpack
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

from benchmarks.span_counts import plain, spans_in


def test_counts_otlp() -> None:
    """Spans are counted over all resources and scopes."""
    scopes = [ScopeSpans(spans=[Span(), Span()]), ScopeSpans(spans=[Span()])]
    body = ExportTraceServiceRequest(resource_spans=[ResourceSpans(scope_spans=scopes)] * 2).SerializeToString()
    assert spans_in("/v1/traces", body) == 6


@pytest.mark.parametrize(("path", "wrap"), [("/v0.4/traces", lambda x: x), ("/v0.5/traces", lambda x: [["text"], x])])
def test_counts_datadog(path, wrap) -> None:
    """Both protocols of Datadog's agent are lists of traces, the later one behind its table of texts."""
    assert spans_in(path, msgpack.packb(wrap([[{}, {}], [{}]]))) == 3


def test_counts_sentry() -> None:
    """A transaction is a span beside those that it holds; other items of an envelope are none."""
    transaction = json.dumps({"type": "transaction", "spans": [{}, {}, {}]})
    items = [
        json.dumps({"event_id": "1"}),
        json.dumps({"type": "transaction", "length": len(transaction)}),
        transaction,
        json.dumps({"type": "client_report"}),
        json.dumps({"spans": [{}]}),
    ]
    assert spans_in("/api/1/envelope/", "\n".join(items).encode()) == 4


def test_counts_nothing_in_metrics() -> None:
    """What holds no spans counts as none."""
    assert spans_in("/v1/metrics", b"\x00") == 0


def test_opens_compressed_bodies() -> None:
    """A compression that no peer uses is said, and not counted as nothing."""
    assert plain(gzip.compress(b"body"), "gzip") == b"body"
    with pytest.raises(ValueError, match="br is not known"):
        plain(b"body", "br")
