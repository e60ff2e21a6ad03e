"""Counts the spans in what each peer sends."""

from __future__ import annotations

import gzip
import json
import zlib

import msgpack
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


def spans_of_otlp(body: bytes) -> int:
    """Counts those of one OTLP request."""
    request = ExportTraceServiceRequest()
    request.ParseFromString(body)
    return sum(len(scope.spans) for resource in request.resource_spans for scope in resource.scope_spans)


def spans_of_datadog(body: bytes, protocol: str) -> int:
    """Counts those of one request to Datadog's agent: a list of traces, in v0.5 after its table of texts."""
    decoded = msgpack.unpackb(body, strict_map_key=False)
    traces = decoded[1] if protocol == "v0.5" else decoded
    return sum(map(len, traces))


def spans_of_sentry(body: bytes) -> int:
    """Counts those of one envelope: a transaction is a span, and holds the others.

    An item is a line that names type and length, and the item itself, whose length may also end with its line.
    """
    total, at = 0, body.index(b"\n") + 1
    while at < len(body):
        end = body.index(b"\n", at)
        heading = json.loads(body[at:end])
        at = end + 1
        length = heading.get("length")
        end = at + length if length is not None else (body + b"\n").index(b"\n", at)
        if heading["type"] == "transaction":
            total += 1 + len(json.loads(body[at:end]).get("spans") or ())
        at = end + 1
    return total


def spans_in(path: str, body: bytes) -> int:
    """Returns how many spans one request holds; what is no request with spans holds none.

    Args:
        path: that it was sent to.
        body: uncompressed.
    """
    if path == "/v1/traces":
        return spans_of_otlp(body)
    if path.endswith("/traces"):
        return spans_of_datadog(body, path.split("/")[1])
    if "/envelope" in path:
        return spans_of_sentry(body)
    return 0


def plain(body: bytes, encoding: str) -> bytes:
    """Returns a body without its compression.

    Raises:
        ValueError: for a compression that no peer here uses.
    """
    if not encoding:
        return body
    if encoding == "gzip":
        return gzip.decompress(body)
    if encoding == "deflate":
        return zlib.decompress(body)
    raise ValueError(f"content-encoding {encoding} is not known")
