"""A receiver in a process of its own that counts what arrives, so that no variant wins by dropping.

It stands in for an OTLP receiver, for Datadog's agent and for Sentry. Prints its port first; then answers
``GET /spans`` with the number of spans received since the last such question.
"""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from benchmarks.span_counts import plain, spans_in

received: list[tuple[str, str, bytes]] = []
# What Datadog's agent says of itself: a client chooses its protocol from it.
ABOUT_AGENT = json.dumps({"version": "7.70.0", "endpoints": ["/v0.4/traces", "/v0.5/traces"], "client_drop_p0s": False})
RATES = json.dumps({"rate_by_service": {"service:,env:": 1.0}})


class Handler(BaseHTTPRequestHandler):
    """Keeps the bodies and decodes them when asked, outside the measured time."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Takes one request."""
        received.append((self.path, self.headers.get("content-encoding", ""), self._body()))
        self._answer(RATES if self.path.endswith("/traces") and self.path != "/v1/traces" else "")

    do_PUT = do_POST  # noqa: N815 - http.server's own naming

    def do_GET(self) -> None:
        """Counts what has arrived and forgets it, or speaks as Datadog's agent."""
        if self.path != "/spans":
            self._answer(ABOUT_AGENT)
            return
        arrived = received[:]
        del received[: len(arrived)]
        self._answer(str(sum(spans_in(path, plain(body, encoding)) for path, encoding, body in arrived)))

    def _body(self) -> bytes:
        if self.headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _answer(self, text: str) -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("content-type", "application/json" if body else "application/x-protobuf")
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
