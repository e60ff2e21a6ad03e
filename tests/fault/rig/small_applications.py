"""Small applications, one for each library that is observed, that do the same in each round and say what came of it.

Errors belong to what came of it. ``KINDS`` names them, with the hooks that observe them.
"""

from __future__ import annotations

import asyncio
import functools
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple

import aiohttp
import asyncpg
import cachetools
import flask
import flask_caching
import httpx
import psycopg
import psycopg2
import psycopg2.pool
import psycopg_pool
import requests_cache
import sqlalchemy
import urllib3
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from otelmon.hooks.caches.registration import register
from otelmon.launch.figures import deliver_figures
from tests.fault.rig.flask_application import flask_application
from tests.integration.psycopg2.conftest import SCOPE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from opentelemetry.metrics import CallbackOptions

    from otelmon.registry import HookRegistry

ANSWER = {"x-ratelimit-limit": "60", "x-ratelimit-remaining": "59", "x-ratelimit-resource": "core"}
RIGHT, WRONG = "SELECT id FROM items ORDER BY id", "SELECT nothing"


@contextmanager
def answering() -> Iterator[int]:
    """Yields the port of an HTTP server that answers as GitHub does."""

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Headers and body leave in two writes: with Nagle's algorithm each answer would wait for a delayed ACK (40 ms).
        disable_nagle_algorithm = True

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


class Place(NamedTuple):
    """Holds what applications talk to, and the registry of what observes them, where something does."""

    dsn: str
    port: int
    registry: HookRegistry | None = None

    @property
    def url(self) -> str:
        """Returns the address of a route of the HTTP server."""
        return f"http://127.0.0.1:{self.port}/repos/a/b"


def psycopg2_and_urllib3(place: Place) -> Iterator[list[object]]:
    """Asks the database rightly and wrongly, and the HTTP server."""
    pool, http = psycopg2.pool.ThreadedConnectionPool(1, 2, place.dsn), urllib3.PoolManager()
    try:
        while True:
            connection = pool.getconn()
            with connection.cursor() as cursor:
                cursor.execute(RIGHT)
                said: list[object] = [cursor.fetchall()]
                said.append(_error(psycopg2.Error, cursor.execute, WRONG))
            connection.rollback()
            pool.putconn(connection)
            answer = http.request("GET", place.url)
            yield [*said, answer.status, answer.data]
    finally:
        pool.closeall()
        http.clear()


def psycopg_and_its_pool(place: Place) -> Iterator[list[object]]:
    """Asks rightly, wrongly, by copy, by stream and in a pipeline."""
    with psycopg_pool.ConnectionPool(place.dsn, min_size=1, max_size=2) as pool:
        while True:
            with pool.connection() as connection, connection.cursor() as cursor:
                said: list[object] = [cursor.execute(RIGHT).fetchall(), list(cursor.stream(RIGHT))]
                with cursor.copy(f"COPY ({RIGHT}) TO STDOUT") as copy:
                    said.append(b"".join(map(bytes, copy)))
                with connection.pipeline():
                    said.append(connection.execute(RIGHT).fetchall())
                said.append(_error(psycopg.Error, cursor.execute, WRONG))
                connection.rollback()
            yield said


def asyncpg_and_its_pool(place: Place) -> Iterator[list[object]]:
    """Asks rightly, wrongly, with a cursor and by copy."""

    async def rounds(pool: Any) -> list[object]:
        async with pool.acquire() as connection:
            said: list[object] = [[tuple(row) for row in await connection.fetch(RIGHT)]]
            said.append(await connection.executemany("SELECT $1::int", [(1,), (2,)]))
            async with connection.transaction():
                said.append([tuple(row) async for row in connection.cursor(RIGHT)])
            try:
                await connection.execute(WRONG)
            except asyncpg.PostgresError as error:
                said.append((type(error), str(error)))
        return said

    async def opened() -> Any:
        return await asyncpg.create_pool(place.dsn.partition("?")[0], min_size=1, max_size=2)

    loop = asyncio.new_event_loop()
    pool = loop.run_until_complete(opened())
    try:
        while True:
            yield loop.run_until_complete(rounds(pool))
    finally:
        loop.run_until_complete(pool.close())
        loop.close()


def httpx_both(place: Place) -> Iterator[list[object]]:
    """Asks with the client that waits and with the other."""
    loop = asyncio.new_event_loop()
    other = httpx.AsyncClient()
    try:
        with httpx.Client() as client:
            while True:
                found = [client.get(place.url), loop.run_until_complete(other.get(place.url))]
                yield [(each.status_code, each.content) for each in found]
    finally:
        loop.run_until_complete(other.aclose())
        loop.close()


def aiohttp_client(place: Place) -> Iterator[list[object]]:
    """Asks with one session."""

    async def opened() -> aiohttp.ClientSession:
        return aiohttp.ClientSession()

    async def asked(session: aiohttp.ClientSession) -> list[object]:
        async with session.get(place.url) as answer:
            return [answer.status, await answer.read()]

    loop = asyncio.new_event_loop()
    session = loop.run_until_complete(opened())
    try:
        while True:
            yield loop.run_until_complete(asked(session))
    finally:
        loop.run_until_complete(session.close())
        loop.close()


def sqlalchemy_engine(place: Place) -> Iterator[list[object]]:
    """Asks rightly and wrongly through the pool of an engine, with a driver that is observed too."""
    engine = sqlalchemy.create_engine(place.dsn.replace("postgresql:", "postgresql+psycopg2:", 1))
    try:
        while True:
            with engine.connect() as connection:
                said: list[object] = [[tuple(row) for row in connection.execute(sqlalchemy.text(RIGHT))]]
                said.append(_error(sqlalchemy.exc.DBAPIError, connection.execute, sqlalchemy.text(WRONG)))
            yield said
    finally:
        engine.dispose()


def caches(place: Place) -> Iterator[list[object]]:
    """Reads and writes caches of every kind that hooks find, and one that is registered."""
    application = flask.Flask("small")
    found = flask_caching.Cache(application, config={"CACHE_TYPE": "SimpleCache"})
    known: cachetools.LRUCache[int, int] = cachetools.LRUCache(2)
    if place.registry is not None:
        register(place.registry, "known", known)
    with requests_cache.CachedSession(backend="memory") as session, application.app_context():
        while True:
            square = functools.lru_cache(lambda number: number * number)
            found.set("a", 1)
            known[1] = 2
            said = [square(2), square(2), found.get("a"), found.get("b"), known.get(1), known.get(3), known.pop(1)]
            yield [*said, session.get(place.url).text]


def callbacks_of_gauges(place: Place) -> Iterator[list[object]]:
    """Collects the figures of a provider that has one of the application's own among otelmon's."""
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader], shutdown_on_exit=False)

    def own(_: CallbackOptions) -> list[Any]:
        from opentelemetry.metrics import Observation

        return [Observation(7)]

    provider.get_meter("application").create_observable_gauge("own", callbacks=[own])
    if place.registry is not None:
        deliver_figures(provider, SCOPE, place.registry, heartbeat=lambda: 1, spans=dict)
    try:
        while True:
            data = reader.get_metrics_data()
            assert data is not None
            scopes = [scope for resource in data.resource_metrics for scope in resource.scope_metrics]
            yield [
                point.value  # type: ignore[union-attr]
                for scope in scopes
                if scope.scope.name == "application"
                for metric in scope.metrics
                for point in metric.data.data_points
            ]
    finally:
        provider.shutdown()


def _error(kind: type[Exception], ask: Callable[..., object], *arguments: object) -> object:
    try:
        return ask(*arguments)
    except kind as error:
        return type(error), str(error)


class Kind(NamedTuple):
    """Says which hooks observe an application, and some of the guarded sites that its rounds have to pass."""

    rounds: Callable[[Place], Iterator[list[object]]]
    hooks: tuple[str, ...]
    sites: frozenset[str]


KINDS = {
    each.rounds.__name__: each
    for each in (
        Kind(psycopg2_and_urllib3, ("psycopg2", "psycopg2_pool", "urllib3"), frozenset({
            "hooks.psycopg2.cursor", "calls.finish", "hooks.urllib3.response", "hooks.psycopg2_pool.checkout"})),
        Kind(psycopg_and_its_pool, ("psycopg", "psycopg_pool"), frozenset({"calls.finish"})),
        Kind(asyncpg_and_its_pool, ("asyncpg", "asyncpg_pool"), frozenset({"calls.finish"})),
        Kind(httpx_both, ("httpx",), frozenset()),
        Kind(aiohttp_client, ("aiohttp",), frozenset()),
        Kind(sqlalchemy_engine, ("sqlalchemy", "sqlalchemy_pool", "psycopg2"), frozenset({"calls.finish"})),
        Kind(caches, ("caches.functools_cache", "caches.cachelib_cache", "caches.requests_cache_session"), frozenset({
            "hooks.functools_cache"})),
        Kind(flask_application, ("flask",), frozenset({
            "hooks.flask.begin", "hooks.flask.begin_span", "hooks.flask.respond", "hooks.flask.finish",
            "hooks.flask.end", "calls.server_span.take", "calls.server_span.respond",
            "calls.server_span.end", "calls.server_span.finish"})),
        Kind(callbacks_of_gauges, (), frozenset({"gauges.otelmon.heartbeat"})),
    )
}  # fmt: skip
