"""Beside opentelemetry-instrumentation-psycopg2, or without it, a call gives one span and one histogram entry."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest
from opentelemetry import trace
from opentelemetry.instrumentation.psycopg2 import Psycopg2Instrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from psycopg2 import extras

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.integration.psycopg2.conftest import Observation


@pytest.fixture
def instrument() -> Iterator[Callable[..., None]]:
    """Yields a function that switches upstream's instrumentation on; it is off again at the end."""
    instrumentor = Psycopg2Instrumentor()
    yield lambda **options: instrumentor.instrument(skip_dep_check=True, **options)
    instrumentor.uninstrument()


def rows(dsn: str, *args: Any, **options: Any) -> list[Any]:
    """Returns what one query gives on a connection of its own."""
    with closing(psycopg2.connect(dsn, *args, **options)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id FROM items ORDER BY id")
        return [tuple(row) for row in cursor.fetchall()]


def test_under_the_instrumentor(observation: Observation, instrument: Callable[..., None], postgres_dsn: str) -> None:
    """Switched on after otelmon, as under the wrapper, upstream leaves the work to otelmon."""
    instrument(tracer_provider=observation.tracers)
    assert rows(postgres_dsn) == [(1,), (2,), (3,)]
    assert observation.names() == ["SELECT items"]
    assert {span.instrumentation_scope.name for span in observation.spans()} == {"otelmon"}


def test_positional_factories_work_again(
    observation: Observation, instrument: Callable[..., None], postgres_dsn: str
) -> None:
    """A cursor class by position is valid and observed, where upstream alone raises a TypeError."""
    instrument(tracer_provider=observation.tracers)
    assert rows(postgres_dsn, None, extras.DictCursor) == [(1,), (2,), (3,)]
    assert observation.names() == ["SELECT items"]


def test_instrumented_before(
    observe: Callable[..., Observation], instrument: Callable[..., None], postgres_dsn: str
) -> None:
    """Where upstream came first, its cursors on otelmon's connections make no second span."""
    observation = observe()
    observation.undo()
    instrument(tracer_provider=observation.tracers)
    later = observe()
    assert rows(postgres_dsn) == [(1,), (2,), (3,)]
    assert (later.names(), observation.names()) == (["SELECT items"], [])


def test_connection_instrumented_by_hand(observation: Observation, postgres_dsn: str) -> None:
    """``instrument_connection`` on a connection that otelmon observes adds no second span."""
    with closing(psycopg2.connect(postgres_dsn)) as connection:
        Psycopg2Instrumentor.instrument_connection(connection, tracer_provider=observation.tracers)
        connection.cursor().execute("SELECT id FROM items")
    assert observation.names() == ["SELECT items"]


def test_comments_stay_with_upstream(
    observation: Observation, instrument: Callable[..., None], postgres_dsn: str
) -> None:
    """Asked for SQL comments upstream goes on tracing; otelmon counts the call and adds no second span."""
    instrument(tracer_provider=observation.tracers, enable_commenter=True, commenter_options={})
    with closing(psycopg2.connect(postgres_dsn)) as connection:
        cursor = connection.cursor()
        with observation.tracers.get_tracer("t").start_as_current_span("request"):
            cursor.execute("SELECT id FROM items")
        assert b"traceparent" in cursor.query
    scopes = [
        span.instrumentation_scope.name for span in observation.spans() if span.name not in ("CONNECT", "request")
    ]
    assert scopes == ["opentelemetry.instrumentation.psycopg2"]
    assert observation.count(db_operation_name="SELECT") == 1


def test_upstream_does_not_count_as_well(
    observation: Observation, instrument: Callable[..., None], postgres_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Upstream's histograms of the same names do not appear beside otelmon's."""
    from opentelemetry.instrumentation import dbapi

    reader = InMemoryMetricReader()
    meters = MeterProvider([reader], shutdown_on_exit=False)
    monkeypatch.setattr(dbapi, "_report_new", lambda _: True)
    original = dbapi.get_meter
    monkeypatch.setattr(
        dbapi,
        "get_meter",
        lambda name, version, provider=None, **more: original(name, version, provider or meters, **more),
    )
    instrument(tracer_provider=observation.tracers, enable_commenter=True)
    rows(postgres_dsn)
    assert reader.get_metrics_data() is None
    assert observation.count(db_operation_name="SELECT") == 1


def test_without_upstream(
    observe: Callable[..., Observation], postgres_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where upstream's package cannot be imported the hook works by itself."""
    monkeypatch.setitem(sys.modules, "opentelemetry.instrumentation.psycopg2", None)
    observation = observe()
    assert rows(postgres_dsn) == [(1,), (2,), (3,)]
    assert observation.names() == ["SELECT items"]


def test_a_call_is_a_leaf(observation: Observation, postgres_dsn: str) -> None:
    """The call's span is a child of the current one, from its start to its end, and never current itself."""
    tracer = observation.tracers.get_tracer("t")
    with closing(psycopg2.connect(postgres_dsn)) as connection, tracer.start_as_current_span("request") as parent:
        connection.cursor().execute("SELECT pg_sleep(0.02)")
        assert trace.get_current_span() is parent
    request, call = (next(span for span in observation.spans() if span.name == name) for name in ("request", "SELECT"))
    assert call.parent.span_id == request.context.span_id
    assert request.start_time <= call.start_time < call.end_time <= request.end_time + 1_000_000
    assert call.end_time - call.start_time >= 20_000_000
