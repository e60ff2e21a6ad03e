"""One OTLP request of 25 traces with 20 spans each, as the reference service sends them, made new by its ids alone.

Making spans costs Python more than handling them costs the Collector: the request is built once, and before each
sending only its ids are written over.
"""

from __future__ import annotations

import os
import time

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

TRACES, SPANS = 25, 20
SLOW_EVERY, SLOW_AT, HTTP_EVERY = 5, 7, 5
MILLISECOND = 1_000_000
TRACE_MARK, SPAN_MARK = b"\xf1TRACEID", b"\xf2ID"
RESOURCE: dict[str, str | int] = {
    "service.name": "contributor-info",
    "service.version": "1.4.2",
    "service.instance.id": "0b2d5c9e-6c0f-4a51-9e6f-0a4c8e1f2d33",
    "deployment.environment.name": "production",
    "telemetry.sdk.language": "python",
    "telemetry.sdk.name": "opentelemetry",
    "telemetry.sdk.version": "1.45.1",
    "host.name": "web-7c9d",
}
ROOT: dict[str, str | int] = {
    "http.request.method": "GET",
    "http.route": "/repositories/{owner}/{name}",
    "url.path": "/repositories/psf/requests",
    "url.scheme": "http",
    "server.address": "contributor.info",
    "server.port": 443,
    "http.response.status_code": 200,
    "user_agent.original": "Mozilla/5.0 (X11; Linux x86_64)",
    "client.address": "10.1.2.3",
}
CALL: dict[str, str | int] = {
    "http.request.method": "GET",
    "url.full": "https://api.github.com/repos/psf/requests/contributors?per_page=100&page=2",
    "server.address": "api.github.com",
    "server.port": 443,
    "http.response.status_code": 200,
    "otelmon.github.rate_limit.remaining": 4211,
    "otelmon.github.rate_limit.limit": 5000,
}
QUERY: dict[str, str | int] = {
    "db.system.name": "postgresql",
    "db.namespace": "app",
    "db.operation.name": "SELECT",
    "db.collection.name": "contributions",
    "db.query.text": "SELECT c.id, c.login, c.commits FROM contributions c JOIN contributors k "
    "ON k.id = c.contributor_id WHERE c.repository_id = %s AND c.year >= %s ORDER BY c.commits DESC LIMIT %s",
    "db.query.summary": "SELECT contributions contributors",
    "server.address": "db.internal",
    "server.port": 5432,
    "code.function.name": "contributors.load",
    "code.file.path": "app/contributors.py",
    "code.line.number": 123,
}


def pairs(attributes: dict[str, str | int]) -> list[KeyValue]:
    """Returns attributes as OTLP has them."""
    return [
        KeyValue(key=key, value=AnyValue(int_value=each) if isinstance(each, int) else AnyValue(string_value=each))
        for key, each in attributes.items()
    ]


def one(trace: int, number: int) -> Span:
    """Returns one span of a trace: the first serves a request, every fifth calls GitHub, the others query."""
    end = time.time_ns()
    made = Span(
        trace_id=TRACE_MARK + trace.to_bytes(8, "big"),
        span_id=SPAN_MARK + trace.to_bytes(2, "big") + number.to_bytes(3, "big"),
        kind=Span.SPAN_KIND_CLIENT if number else Span.SPAN_KIND_SERVER,
        end_time_unix_nano=end,
    )
    if number:
        made.parent_span_id = SPAN_MARK + trace.to_bytes(2, "big") + bytes(3)
    call = number % HTTP_EVERY == HTTP_EVERY - 1
    made.name = ("GET" if call else "SELECT contributions") if number else "GET /repositories/{owner}/{name}"
    made.attributes.extend(pairs((CALL if call else QUERY) if number else ROOT))
    slow = number == SLOW_AT and trace % SLOW_EVERY == 0
    made.start_time_unix_nano = end - (900 if slow else 3) * MILLISECOND
    return made


class Requests:
    """Gives the same request again and again, each time with trace and span ids that were never there before."""

    spans = TRACES * SPANS

    def __init__(self) -> None:
        request = ExportTraceServiceRequest()
        resource = request.resource_spans.add()
        resource.resource.attributes.extend(pairs(RESOURCE))
        scope = resource.scope_spans.add()
        scope.scope.name = "reference-service"
        scope.spans.extend(one(trace, number) for trace in range(TRACES) for number in range(SPANS))
        self._body = bytearray(request.SerializeToString())
        self._traces = self._places(TRACE_MARK)
        self._spans = self._places(SPAN_MARK)
        self._random, self._count = os.urandom(3), int.from_bytes(os.urandom(2), "big") << 8

    def _places(self, mark: bytes) -> list[int]:
        found, at = [], self._body.find(mark)
        while at >= 0:
            found.append(at)
            at = self._body.find(mark, at + len(mark))
        return found

    def next(self) -> bytes:
        """Returns the next request."""
        self._count += 1
        count = self._count.to_bytes(4, "big")
        trace, span = b"\xf1" + self._random + count, count[1:]
        for at in self._traces:
            self._body[at : at + len(trace)] = trace
        for at in self._spans:
            self._body[at : at + len(span)] = span
        return bytes(self._body)
