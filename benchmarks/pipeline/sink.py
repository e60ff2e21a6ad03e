"""A back end that counts each span by its id, and can be away.

Bodies are kept as they came and decoded when somebody asks, so that counting does not slow the load down.
"""

from __future__ import annotations

import gzip
import threading
import time
from collections import Counter, deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

if TYPE_CHECKING:
    from collections.abc import Iterable


# Enough for some rounds of every reader that writes here.
NEWEST_METRICS = 30


def plain(body: bytes, encoding: str) -> bytes:
    """Returns a body as it was before it was packed."""
    return gzip.decompress(body) if encoding == "gzip" else body


class Sink:
    """Takes OTLP over HTTP; while ``away`` it answers 503 and keeps nothing."""

    def __init__(self) -> None:
        self.away = False
        self.requests = self.refused = self.bytes = 0
        self._bodies: list[tuple[str, bytes, str]] = []
        self._metrics: deque[tuple[bytes, str]] = deque(maxlen=NEWEST_METRICS)
        self._seen: Counter[bytes] = Counter()
        self.newest = time.monotonic()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def endpoint(self) -> str:
        """Returns its base address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """Stops serving."""
        self._server.shutdown()
        self._server.server_close()

    def take(self, path: str, body: bytes, encoding: str) -> int:
        """Keeps one request and returns the status of the answer."""
        self.requests += 1
        if self.away:
            self.refused += 1
            return 503
        self.bytes += len(body)
        if path.endswith("/v1/traces"):
            self._bodies.append((path, body, encoding))
            self.newest = time.monotonic()
        if path.endswith("/v1/metrics"):
            self._metrics.append((body, encoding))
        return 200

    def counter(self, name: str) -> float:
        """Returns the newest value of a counter, summed over its series; 0 where none has come yet."""
        value = 0.0
        for body, encoding in tuple(self._metrics):
            request = ExportMetricsServiceRequest.FromString(plain(body, encoding))
            for resource in request.resource_metrics:
                for scope in resource.scope_metrics:
                    for metric in scope.metrics:
                        if metric.name == name:
                            value = sum(each.as_int or each.as_double for each in metric.sum.data_points)
        return value

    def seen(self) -> Counter[bytes]:
        """Returns how often each span id has arrived until now."""
        while self._bodies:
            _, body, encoding = self._bodies.pop()
            request = ExportTraceServiceRequest()
            request.ParseFromString(plain(body, encoding))
            self._seen.update(
                span.span_id
                for resource in request.resource_spans
                for scope in resource.scope_spans
                for span in scope.spans
            )
        return self._seen

    def arrived(self, wanted: Iterable[bytes]) -> tuple[int, int]:
        """Returns how many of the wanted spans have not arrived, and how many arrived more than once."""
        seen = self.seen()
        times = [seen[each] for each in wanted]
        return times.count(0), sum(each > 1 for each in times)

    def wait_until_quiet(self, seconds: float, quiet: float) -> None:
        """Waits until nothing has arrived for some time, at most so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and time.monotonic() - self.newest < quiet:
            time.sleep(0.2)


def handler(sink: Sink) -> type[BaseHTTPRequestHandler]:
    """Returns the request handler of one sink."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            status = sink.take(self.path, self._body(), self.headers.get("content-encoding", ""))
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def _body(self) -> bytes:
            """Reads a body of known length or in chunks."""
            if self.headers.get("transfer-encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("content-length", "0")))
            parts = []
            while length := int(self.rfile.readline().strip(), 16):
                parts.append(self.rfile.read(length))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)

        def log_message(self, *_: object) -> None:
            """Keeps quiet."""

    return Handler
