"""A receiver in a process of its own that counts what arrives, so that no variant wins by dropping.

Prints its port first; then answers ``GET /spans`` with the number of spans received since the last such question.
"""

from __future__ import annotations

import gzip
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

received: list[bytes] = []


def spans_in(body: bytes) -> int:
    """Returns how many spans one request holds."""
    request = ExportTraceServiceRequest()
    request.ParseFromString(body)
    return sum(len(scope.spans) for resource in request.resource_spans for scope in resource.scope_spans)


class Handler(BaseHTTPRequestHandler):
    """Keeps the bodies and decodes them when asked, outside the measured time."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Takes one request."""
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/v1/traces":
            received.append(gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body)
        self._answer(b"")

    def do_GET(self) -> None:
        """Counts what has arrived and forgets it."""
        total = sum(map(spans_in, received))
        received.clear()
        self._answer(str(total).encode())

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keeps quiet."""


def main() -> None:
    """Serves until it is ended."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
