"""Starts real applications under ``opentelemetry-instrument`` against a real OTLP receiver and a GitHub stand-in."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conservation.books import BookedSink

APPLICATION = Path(__file__).parent / "application.py"
WRAPPER = [str(Path(sys.executable).parent / "opentelemetry-instrument")]


class _GitHub(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        for name, value in {
            "x-ratelimit-limit": "5000",
            "x-ratelimit-remaining": "4998",
            "x-ratelimit-used": "2",
            "x-ratelimit-reset": str(int(time.time()) + 3600),
            "x-ratelimit-resource": "core",
            "content-length": "2",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Keeps quiet."""


@pytest.fixture
def github_address():
    """Yields the address of a server that answers with GitHub's rate-limit headers."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _GitHub)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@dataclass
class Run:
    """Holds what one run of an application left behind."""

    code: int
    stdout: str
    stderr: str
    seconds: float
    sink: BookedSink = field(repr=False)


@pytest.fixture
def run(sink: BookedSink, github_address: str):
    """Returns a function that runs an application to its end and tells what became of it."""

    def start(
        *command: str,
        wrapper: bool = True,
        code: int = 0,
        path: tuple[Path, ...] = (),
        endpoint: str | None = None,
        **environment: str,
    ) -> Run:
        env = sink.environment(*path) | {
            "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint or sink.endpoint,
            "OTEL_SERVICE_NAME": "launch-test",
            "OTELMON_GITHUB_HOSTS": github_address.removeprefix("http://"),
            **environment,
        }
        arguments = [*(WRAPPER if wrapper else []), sys.executable, *(command or (str(APPLICATION),)), github_address]
        began = time.monotonic()
        done = subprocess.run(
            [*arguments, str(code)], env=env, capture_output=True, text=True, timeout=120, check=False
        )
        return Run(done.returncode, done.stdout, done.stderr, time.monotonic() - began, sink)

    return start
