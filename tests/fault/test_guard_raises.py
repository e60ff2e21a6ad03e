"""Each guarded site is made to raise thousands of times: the application notices nothing, and everybody can see it."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

import psycopg2
import psycopg2.pool
import pytest
import urllib3

from otelmon import guard
from otelmon.health.checks.otelmon_itself import Itself
from otelmon.settings import Settings
from tests.integration.observing import observing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUNDS = 10_000
# In every run of the tests: enough to see a site go off.
FEW_ROUNDS = 110
HOOKS = ("psycopg2", "psycopg2_pool", "urllib3")
ANSWER = {"x-ratelimit-limit": "60", "x-ratelimit-remaining": "59", "x-ratelimit-resource": "core"}


class Planted(Exception):  # noqa: N818 - it is an error of nobody
    """Is raised in the place of otelmon's own code."""


def _planted(*_: object, **__: object) -> NoReturn:
    raise Planted


@contextmanager
def _github() -> Iterator[int]:
    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response(200)
            for name, value in {**ANSWER, "content-length": "2"}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            """Keeps quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


class Application:
    """Does the same things in each round, and says what came of them, errors included."""

    def __init__(self, dsn: str, port: int) -> None:
        self._pool = psycopg2.pool.ThreadedConnectionPool(1, 2, dsn)
        self._http = urllib3.PoolManager()
        self._url = f"http://127.0.0.1:{port}/repos/a/b"

    def round(self) -> list[object]:
        """Asks the database rightly and wrongly, and the HTTP server."""
        connection = self._pool.getconn()
        cursor = connection.cursor()
        cursor.execute("SELECT id FROM items ORDER BY id")
        said: list[object] = [cursor.fetchall()]
        try:
            cursor.execute("SELECT nothing")
        except psycopg2.Error as error:
            said.append((type(error), str(error)))
        cursor.close()
        connection.rollback()
        self._pool.putconn(connection)
        answer = self._http.request("GET", self._url)
        said.append((answer.status, answer.data))
        return said

    def close(self) -> None:
        """Lets go of everything."""
        self._pool.closeall()
        self._http.clear()


@contextmanager
def raising(passed: Counter[str], target: str | None = None) -> Iterator[None]:
    """Counts by site what goes through the guard, and makes one site raise."""
    call = guard.call

    def counting(where: guard.Site, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        passed[where.name] += 1
        return call(where, _planted if where.name == target else function, *args, **options)

    guard.call = counting
    try:
        yield
    finally:
        guard.call = call


@contextmanager
def application(dsn: str) -> Iterator[tuple[Application, Itself]]:
    """Yields an application whose libraries are observed."""
    hooks = [import_module(f"otelmon.hooks.{name}").hook for name in HOOKS]
    with _github() as port, observing(hooks, Settings(github_hosts=(f"127.0.0.1:{port}",))) as observation:
        running = Application(dsn, port)
        yield running, Itself(observation.registry)
        running.close()


@pytest.fixture(scope="module")
def usual(postgres_dsn: str) -> list[object]:
    """Returns what a round gives where nothing is observed."""
    with psycopg2.connect(postgres_dsn) as connection:
        connection.cursor().execute("CREATE TABLE IF NOT EXISTS items (id int PRIMARY KEY)")
        connection.cursor().execute("INSERT INTO items VALUES (1), (2), (3) ON CONFLICT DO NOTHING")
    connection.close()
    with _github() as port:
        running = Application(postgres_dsn, port)
        said = running.round()
        running.close()
    return said


def raise_everywhere(dsn: str, usual: list[object], caplog: pytest.LogCaptureFixture, rounds: int) -> set[str]:
    """Makes each site in turn raise, and returns those that did."""
    passed: Counter[str] = Counter()
    with application(dsn) as (running, _), raising(passed):
        running.round()
    sites = {name for name, _ in passed.items()}
    for target in sorted(sites):
        _raise_at(target, dsn, usual, caplog, rounds)
    return sites


def _raise_at(target: str, dsn: str, usual: list[object], caplog: pytest.LogCaptureFixture, rounds: int) -> None:
    guard.reset()
    guard.set_strict(False)
    caplog.clear()
    passed: Counter[str] = Counter()
    with application(dsn) as (running, itself), raising(passed, target), caplog.at_level(logging.WARNING, "otelmon"):
        for _ in range(rounds):
            assert running.round() == usual, target
        check = itself.look(0.0)
    site = guard.site(target)
    assert site.errors == min(passed[target], guard.ERRORS_BEFORE_OFF), target
    assert site.skipped == passed[target] - site.errors, target
    lines = [each for each in caplog.messages if f"site={target} " in each]
    assert len(lines) <= 2, lines
    if site.errors == guard.ERRORS_BEFORE_OFF:
        assert check.status == "degraded", target
        assert any(target in reason for reason in check.reasons), check
    others = {name: each.errors for name, each in guard.sites().items() if each.errors and name != target}
    assert others == {}, (target, others)


def test_each_site_goes_off_and_nobody_notices(
    postgres_dsn: str, usual: list[object], caplog: pytest.LogCaptureFixture
) -> None:
    """A hundred and ten rounds for each site of psycopg2, its pools, urllib3 and what a call leads to."""
    sites = raise_everywhere(postgres_dsn, usual, caplog, FEW_ROUNDS)
    assert {"hooks.psycopg2.cursor", "calls.finish", "hooks.urllib3.response", "hooks.psycopg2_pool.checkout"} <= sites


@pytest.mark.suites
@pytest.mark.timeout(7_200)
def test_each_site_raises_ten_thousand_times(
    postgres_dsn: str, usual: list[object], caplog: pytest.LogCaptureFixture
) -> None:
    """Ten thousand rounds for each."""
    assert raise_everywhere(postgres_dsn, usual, caplog, ROUNDS)
