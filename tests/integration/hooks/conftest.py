"""A server that answers like GitHub, and spans as they end."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

BODY = b'{"login": "octocat"}'


@dataclass
class Reply:
    """Holds one answer of the server; a header whose value is a list is sent several times."""

    status: int = 200
    headers: dict[str, object] = field(default_factory=dict)
    body: bytes = BODY


def limits(**changes: object) -> dict[str, object]:
    """Returns the documented headers of a budget, with changes by the last word of a name; None leaves one out."""
    values = {"limit": 5000, "remaining": 4998, "used": 2, "reset": int(time.time()) + 3600, "resource": "core"}
    return {f"X-RateLimit-{name.title()}": value for name, value in (values | changes).items() if value is not None}


class GitHubServer(ThreadingHTTPServer):
    """Answers each path with its replies, one after the other; the last one stays."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies: dict[str, list[Reply]] = {}
        self.requests: list[tuple[str, str]] = []
        self.url = f"http://127.0.0.1:{self.server_port}"

    def reply(self, path: str) -> Reply:
        """Returns the next reply for a path."""
        coming = self.replies.setdefault(path, [Reply(headers=limits())])
        return coming.pop(0) if len(coming) > 1 else coming[0]


class _Handler(BaseHTTPRequestHandler):
    server: GitHubServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.requests.append((self.command, self.path))
        self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.headers.get("transfer-encoding") == "chunked":
            while int(self.rfile.readline(), 16):
                self.rfile.readline()
            self.rfile.readline()
        self._send(self.server.reply(self.path.partition("?")[0]))

    def do_POST(self) -> None:
        self.do_GET()

    def do_CONNECT(self) -> None:
        """Opens a tunnel whose far end is this server itself."""
        self.send_response(200)
        self.end_headers()
        self.close_connection = False

    def _send(self, reply: Reply) -> None:
        if reply.status == 0:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            for each in value if isinstance(value, list) else [value]:
                self.send_header(name, str(each))
        self.send_header("content-length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, *_: object) -> None:
        """Keeps quiet."""


@pytest.fixture
def github_server():
    """Yields a server on loopback."""
    server = GitHubServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    """Returns where ended spans are kept."""
    return InMemorySpanExporter()


@pytest.fixture
def tracer_provider(exporter: InMemorySpanExporter):
    """Yields a provider that exports each span at its end; it is not the global one."""
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield provider
    provider.shutdown()
