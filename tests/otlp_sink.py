"""A real OTLP/HTTP receiver on loopback for tests: it stores what arrives and answers as it is told."""

from __future__ import annotations

import contextlib
import gzip
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from opentelemetry.proto.trace.v1.trace_pb2 import Span

REQUESTS = {
    "/v1/traces": ExportTraceServiceRequest,
    "/v1/metrics": ExportMetricsServiceRequest,
    "/v1/logs": ExportLogsServiceRequest,
}


class OtlpSink:
    """Receives OTLP over HTTP; ``status``, ``answer``, ``headers`` and ``delay`` say how it replies."""

    def __init__(self) -> None:
        self.status = 200
        self.answer = b""
        self.headers: dict[str, str] = {}
        self.delay = 0.0
        self.statuses: list[int] = []
        self.raw: list[tuple[str, bytes]] = []
        self.refused = 0
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def endpoint(self) -> str:
        """Returns the base address for ``OTEL_EXPORTER_OTLP_ENDPOINT``."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """Stops the server; held answers are let go."""
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def take(self, path: str, body: bytes) -> int:
        """Stores one request and returns the status of the answer."""
        if self.delay:
            self._closing.wait(self.delay)
        status = self.statuses.pop(0) if self.statuses else self.status
        if status == 200:
            self.raw.append((path, body))
        else:
            self.refused += 1
        return status

    def messages(self, path: str) -> Iterator[Any]:
        """Yields each decoded request of one signal."""
        for where, body in tuple(self.raw):
            if where == path:
                message = REQUESTS[path]()
                message.ParseFromString(body)
                yield message

    def spans(self) -> list[Span]:
        """Returns every span that was accepted."""
        return [
            span
            for message in self.messages("/v1/traces")
            for resource in message.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def metrics(self) -> dict[str, Any]:
        """Returns the newest state of each metric by its name."""
        return {
            metric.name: metric
            for message in self.messages("/v1/metrics")
            for resource in message.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }

    def events(self) -> list[Any]:
        """Returns every log record that was accepted."""
        return [
            record
            for message in self.messages("/v1/logs")
            for resource in message.resource_logs
            for scope in resource.scope_logs
            for record in scope.log_records
        ]

    def wait_for(self, condition: Callable[[OtlpSink], object], seconds: float = 15.0) -> None:
        """Waits until a condition holds; raises AssertionError with what arrived when it does not in time."""
        end = time.monotonic() + seconds
        while not condition(self):
            if time.monotonic() > end:
                raise AssertionError(f"not within {seconds} s; spans={[span.name for span in self.spans()]}")
            time.sleep(0.02)


def attributes_of(span: Any) -> dict[str, Any]:
    """Returns the attributes of a decoded span, event or log record as plain values."""
    return {
        each.key: getattr(each.value, each.value.WhichOneof("value")) if each.value.WhichOneof("value") else None
        for each in span.attributes
    }


def _read_body(request: BaseHTTPRequestHandler) -> bytes:
    """Reads a body of known length or in chunks; Go's exporters send compressed bodies in chunks."""
    if request.headers.get("transfer-encoding") != "chunked":
        return request.rfile.read(int(request.headers.get("content-length", "0")))
    parts = []
    while length := int(request.rfile.readline().strip(), 16):
        parts.append(request.rfile.read(length))
        request.rfile.readline()
    request.rfile.readline()
    return b"".join(parts)


def _handler(sink: OtlpSink) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = _read_body(self)
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            status = sink.take(self.path, body)
            answer = sink.answer if status == 200 else b""
            self.send_response(status)
            for name, value in sink.headers.items():
                self.send_header(name, value)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            with contextlib.suppress(ConnectionError):  # the sender may have stopped waiting, which is what is tested
                self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Keeps quiet."""

    return Handler
