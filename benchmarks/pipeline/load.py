"""Sends traces at a steady rate and remembers what was taken: the ids of ordinary and of slow spans.

A load generator that drops silently would make every figure a lie: here each request is answered before the next of its
thread goes out, what was not answered with 200 is counted, and a rate that was not reached is told.
"""

from __future__ import annotations

import http.client
import os
import threading
import time
from dataclasses import dataclass, field

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

TRACES_A_REQUEST = 50
STATEMENT = "SELECT id{columns} FROM contributions WHERE contributor = ?"
COLUMN = ", contribution_date"
SECOND = 1_000_000_000
SLOW_NS = 900_000_000
FAST_NS = 5_000_000
SECONDS_TO_GIVE_UP = 60.0
SECONDS_BETWEEN_TRIES = 0.2


@dataclass(frozen=True, slots=True)
class Shape:
    """What a trace looks like: how many spans, every how many traces one holds a slow query, bytes of padding."""

    spans: int = 5
    slow_every: int = 50
    padding: int = 0


@dataclass
class Sent:
    """What was taken by the other side, and what was not."""

    ordinary: list[bytes] = field(default_factory=list)
    slow: list[bytes] = field(default_factory=list)
    requests: int = 0
    refused: int = 0
    again: int = 0
    unanswered: int = 0
    longest_answer: float = 0.0
    began: float = 0.0
    seconds: float = 0.0
    bytes: int = 0

    @property
    def spans(self) -> int:
        """Returns how many spans were taken."""
        return len(self.ordinary) + len(self.slow)


def key(name: str, value: str) -> KeyValue:
    """Returns one attribute."""
    return KeyValue(key=name, value=AnyValue(string_value=value))


def trace(number: int, shape: Shape, attributes: list[KeyValue]) -> tuple[list[Span], bool]:
    """Returns the spans of one trace, the last of them slow where its turn has come, and whether it is."""
    trace_id, now = os.urandom(16), time.time_ns()
    root = os.urandom(8)
    spans = [Span(trace_id=trace_id, span_id=root, name="GET /", kind=Span.SPAN_KIND_SERVER)]
    spans += [
        Span(
            trace_id=trace_id,
            span_id=os.urandom(8),
            parent_span_id=root,
            name="SELECT contributions",
            kind=Span.SPAN_KIND_CLIENT,
            attributes=attributes,
        )
        for _ in range(shape.spans - 1)
    ]
    is_slow = number % shape.slow_every == 0
    for each in spans:
        each.start_time_unix_nano, each.end_time_unix_nano = now - FAST_NS, now
    if is_slow:
        spans[-1].start_time_unix_nano = now - SLOW_NS
    return spans, is_slow


class Load:
    """Sends to one address at ``traces_a_second`` from a thread of its own until it is stopped.

    Args:
        address: host and port of an OTLP/HTTP receiver.
        traces_a_second: the rate that is tried.
        shape: of each trace.
        again: whether what was not taken is tried again, as exporters do.
        traces_a_request: how many go into one request.
    """

    def __init__(
        self,
        address: str,
        traces_a_second: float,
        shape: Shape,
        *,
        again: bool = False,
        traces_a_request: int = TRACES_A_REQUEST,
    ) -> None:
        self.sent = Sent()
        self._again = again
        self._count = traces_a_request
        self._address = address
        self._rate = traces_a_second
        self._shape = shape
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> Load:
        """Begins to send."""
        self.sent.began = time.monotonic()
        self._thread.start()
        return self

    def stop(self) -> Sent:
        """Ends and returns what was sent."""
        self._stop.set()
        self._thread.join(60)
        self.sent.seconds = time.monotonic() - self.sent.began
        return self.sent

    def _run(self) -> None:
        number = 0
        due = time.monotonic()
        while not self._stop.is_set():
            self._request(number)
            number += self._count
            due += self._count / self._rate
            # Where the other side is slower than the rate the load is behind; it never catches up in a burst.
            due = max(due, time.monotonic() - 1)
            self._stop.wait(max(0.0, due - time.monotonic()))

    def _request(self, number: int) -> None:
        request = ExportTraceServiceRequest()
        resource = request.resource_spans.add()
        resource.resource.attributes.append(key("service.name", "load"))
        attributes = [
            key("db.system.name", "postgresql"),
            key("db.query.text", STATEMENT.format(columns=COLUMN * (self._shape.padding // len(COLUMN)))),
        ]
        ordinary, slow = [], []
        into = resource.scope_spans.add().spans
        for each in range(number, number + self._count):
            spans, is_slow = trace(each, self._shape, attributes)
            into.extend(spans)
            ordinary += [span.span_id for span in (spans[:-1] if is_slow else spans)]
            slow += [spans[-1].span_id] if is_slow else []
        if self._deliver(request.SerializeToString()):
            self.sent.ordinary += ordinary
            self.sent.slow += slow

    def _deliver(self, body: bytes) -> bool:
        """Sends one request, again and again where that is wanted, for a minute at most."""
        end = time.monotonic() + SECONDS_TO_GIVE_UP
        while not self._post(body):
            if not self._again or time.monotonic() > end:
                self.sent.unanswered += 1
                return False
            self.sent.again += 1
            time.sleep(SECONDS_BETWEEN_TRIES)
        return True

    def _post(self, body: bytes) -> bool:
        """Sends one request, on a new connection, and tells whether it was taken."""
        began = time.monotonic()
        self.sent.requests += 1
        try:
            connection = http.client.HTTPConnection(self._address, timeout=30)
            connection.request("POST", "/v1/traces", body, {"content-type": "application/x-protobuf"})
            taken = connection.getresponse().status == http.HTTPStatus.OK
            connection.close()
        except (OSError, http.client.HTTPException):
            taken = False
        self.sent.longest_answer = max(self.sent.longest_answer, time.monotonic() - began)
        self.sent.bytes += len(body) if taken else 0
        self.sent.refused += not taken
        return taken
