"""A real OTLP/HTTP receiver on loopback for tests: it stores what arrives and answers as it is told.

It keeps what it has said that it has taken, and nothing else: what a sender stopped waiting for, what it refused, and
the spans that a partial success rejected are not in it.
"""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from opentelemetry.proto.trace.v1.trace_pb2 import Span

MEGABYTE = bytes(1_000_000)
REQUESTS = {
    "/v1/traces": ExportTraceServiceRequest,
    "/v1/metrics": ExportMetricsServiceRequest,
    "/v1/logs": ExportLogsServiceRequest,
}


class OtlpSink:
    """Receives OTLP over HTTP.

    Attributes:
        status: of each answer; ``statuses`` come first, one each.
        answer: the body of a success, where nothing is rejected.
        headers: of each answer.
        delay: seconds before an answer.
        dribble: seconds before each byte of an answer.
        body_bytes: a success has a body of that many megabytes of no meaning, in bytes.
        rejects: the share of each request's spans, from its end, that a partial success rejects.
        rejected: how many were.
        connections: that were opened.
    """

    def __init__(self) -> None:
        self.status = 200
        self.answer = b""
        self.headers: dict[str, str] = {}
        self.delay = self.dribble = self.rejects = 0.0
        self.body_bytes = self.rejected = self.refused = self.connections = 0
        self.statuses: list[int] = []
        self.raw: list[tuple[str, bytes]] = []
        self._closing = threading.Event()
        self._listen(0)

    def _listen(self, port: int) -> None:
        self._server = _Server(port, self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def endpoint(self) -> str:
        """Returns the base address for ``OTEL_EXPORTER_OTLP_ENDPOINT``."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        """Returns the port, which stays the same after a death."""
        return self._server.server_port

    def demand_tls(self, certificate: Path, key: Path) -> ssl.SSLContext:
        """Speaks TLS from now on; other files loaded into the context hold for the connections after that."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        # The handshake is made when the connection is first read, by its own thread.
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        return context

    def close(self) -> None:
        """Stops the server; held answers are let go."""
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def die(self) -> None:
        """Ends as a killed process does: nobody listens, and open connections are reset wherever they are."""
        self.close()
        for each in tuple(self._server.open):
            with contextlib.suppress(OSError):
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                each.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def rise(self) -> None:
        """Listens again, at the same address."""
        self._closing = threading.Event()
        self._listen(self.port)

    def wait(self, seconds: float) -> None:
        """Waits; the end of the server ends it."""
        self._closing.wait(seconds)

    def take(self, path: str, body: bytes, sender: socket.socket) -> tuple[int, bytes, bytes | None]:
        """Returns the status and the body of an answer, and what is stored when the answer has been given."""
        closing = self._closing
        if self.delay:
            closing.wait(self.delay)
        status = self.statuses.pop(0) if self.statuses else self.status
        if closing.is_set() or has_left(sender):
            raise ConnectionAbortedError("nobody waits for this answer")
        if status != 200:
            self.refused += 1
            return status, b"", None
        if self.rejects and path == "/v1/traces":
            return (status, *self._in_part(body))
        return status, self.answer, body

    def _in_part(self, body: bytes) -> tuple[bytes, bytes]:
        """Takes a part of a request's spans; returns the answer that says so, and that part."""
        message, answer = ExportTraceServiceRequest(), ExportTraceServiceResponse()
        message.ParseFromString(body)
        scopes = [scope for resource in message.resource_spans for scope in resource.scope_spans]
        left = int(sum(len(scope.spans) for scope in scopes) * self.rejects)
        answer.partial_success.rejected_spans = left
        self.rejected += left
        for scope in reversed(scopes):
            rejected = min(left, len(scope.spans))
            del scope.spans[len(scope.spans) - rejected :]
            left -= rejected
        return answer.SerializeToString(), message.SerializeToString()

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


def has_left(sender: socket.socket) -> bool:
    """Tells whether a sender has closed its connection."""
    with contextlib.suppress(BlockingIOError):
        return socket.socket.recv(sender, 1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    return False


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, sink: OtlpSink) -> None:
        self.sink = sink
        self.open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.server.sink.connections += 1
        self.server.open.add(self.request)

    def handle(self) -> None:
        # The sender may have stopped waiting, which is what is tested.
        with contextlib.suppress(ConnectionError):
            super().handle()

    def finish(self) -> None:
        self.server.open.discard(self.request)
        with contextlib.suppress(ConnectionError):
            super().finish()

    def do_POST(self) -> None:
        sink = self.server.sink
        body = _read_body(self)
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        status, answer, kept = sink.take(self.path, body, self.request)
        # Before the answer, so that it is there when the sender has ended; a slow one counts when its head is over.
        stored = [] if kept is None else [(self.path, kept)]
        if not sink.dribble:
            sink.raw += stored
        self.send_response(status)
        for name, value in sink.headers.items():
            self.send_header(name, value)
        self.send_header("content-type", "application/x-protobuf")
        self.send_header("content-length", str(sink.body_bytes or len(answer)))
        self.give(b"".join([*self._headers_buffer, b"\r\n"]))
        self._headers_buffer = []
        if sink.dribble:
            sink.raw += stored
        self.give(answer)
        for _ in range(len(answer), sink.body_bytes, len(MEGABYTE)):
            self.give(MEGABYTE)

    def give(self, what: bytes) -> None:
        """Writes at the pace that is asked for."""
        if not self.server.sink.dribble:
            self.wfile.write(what)
            return
        for number in range(len(what)):
            self.server.sink.wait(self.server.sink.dribble)
            self.wfile.write(what[number : number + 1])

    def log_message(self, *_: object) -> None:
        """Keeps quiet."""
