"""Beside opentelemetry-instrumentation-psycopg, or without it, a call gives one span and one histogram entry."""

from __future__ import annotations

import asyncio
import importlib
import subprocess
import sys
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from otelmon.hooks.psycopg import hook
from tests.integration.observing import observing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.psycopg2.conftest import Observation

NAME = "opentelemetry.instrumentation.psycopg"
CACHE = Path(__file__).parents[3] / ".cache" / "contrib-psycopg"


@pytest.fixture(scope="module")
def upstream() -> Iterator[Any]:
    """Yields the instrumentation's module, fetched into the cache beside what is installed."""
    release = version("opentelemetry-instrumentation-psycopg2")
    folder = CACHE / release
    if not folder.is_dir():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder)]
        subprocess.run([*command, f"opentelemetry-instrumentation-psycopg=={release}"], check=True, capture_output=True)
    sys.path.append(str(folder))
    yield importlib.import_module(NAME)
    sys.path.remove(str(folder))
    for name in [each for each in sys.modules if f"{each}.".startswith(f"{NAME}.")]:
        del sys.modules[name]


@contextmanager
def instrumented(upstream: Any, **options: Any) -> Iterator[None]:
    """Switches upstream's instrumentation on, and off in the end.

    Its own undoing leaves a function that is bound to one class where a class method was, which later tests would meet.
    """
    owners = (psycopg, psycopg.Connection, psycopg.AsyncConnection)
    before = [vars(owner)["connect"] for owner in owners]
    instrumentor = upstream.PsycopgInstrumentor()
    instrumentor.instrument(skip_dep_check=True, **options)
    try:
        yield
    finally:
        instrumentor.uninstrument()
        for owner, function in zip(owners, before, strict=True):
            owner.connect = function


@pytest.fixture
def observation(upstream: Any) -> Iterator[Observation]:
    """Yields an installation made while upstream's package can be found."""
    del upstream
    with observing([hook]) as observation:
        yield observation


def rows(dsn: str) -> list[Any]:
    """Returns what one query gives on a connection of its own."""
    with psycopg.connect(dsn) as connection:
        return connection.execute("SELECT id FROM items ORDER BY id").fetchall()


def scopes(observation: Observation) -> list[tuple[str, str]]:
    """Returns who made which span of a query."""
    spans = (span for span in observation.spans() if span.name not in ("CONNECT", "COMMIT", "request"))
    return [(span.instrumentation_scope.name, span.name) for span in spans]


def test_under_the_instrumentor(observation: Observation, upstream: Any, postgres_dsn: str) -> None:
    """Switched on after otelmon, as under the wrapper, upstream leaves the work to otelmon."""
    with instrumented(upstream, tracer_provider=observation.tracers):
        assert rows(postgres_dsn) == [(1,), (2,), (3,)]
    assert scopes(observation) == [("otelmon", "SELECT items")]


def test_asynchronous_under_the_instrumentor(observation: Observation, upstream: Any, postgres_dsn: str) -> None:
    """The same for its other class."""

    async def run() -> list[Any]:
        async with await psycopg.AsyncConnection.connect(postgres_dsn) as connection:
            cursor = await connection.execute("SELECT id FROM items ORDER BY id")
            return await cursor.fetchall()

    with instrumented(upstream, tracer_provider=observation.tracers):
        assert asyncio.run(run()) == [(1,), (2,), (3,)]
    assert scopes(observation) == [("otelmon", "SELECT items")]


@pytest.mark.parametrize(
    "options", [{}, {"enable_commenter": True, "commenter_options": {}}], ids=["plain", "comments"]
)
def test_instrumented_before_or_for_comments(upstream: Any, postgres_dsn: str, options: dict[str, Any]) -> None:
    """Where upstream traces already, otelmon counts and times the call and adds no second span."""
    with observing([]) as first, instrumented(upstream, tracer_provider=first.tracers, **options):
        with observing([hook]) as observation:
            assert rows(postgres_dsn) == [(1,), (2,), (3,)]
            assert scopes(observation) == []
            assert observation.count(db_operation_name="SELECT") == 1
        assert [scope for scope, _ in scopes(first)] == [NAME]


def test_connection_instrumented_by_hand(observation: Observation, upstream: Any, postgres_dsn: str) -> None:
    """``instrument_connection`` gives upstream's span, an entry in the histogram, and no second span."""
    with psycopg.connect(postgres_dsn) as connection:
        upstream.PsycopgInstrumentor.instrument_connection(connection, tracer_provider=observation.tracers)
        connection.execute("SELECT id FROM items")
    assert [scope for scope, _ in scopes(observation)] == [NAME]
    assert observation.count(db_operation_name="SELECT") == 1
