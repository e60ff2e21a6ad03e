"""What otelmon relies on in psycopg2 and OpenTelemetry's instrumentation of it; a release that breaks it breaks us."""

from __future__ import annotations

import inspect

import psycopg2
import pytest
from opentelemetry.instrumentation import psycopg2 as upstream
from psycopg2 import extensions, pool, sql


def test_connect_looks_its_lower_half_up() -> None:
    """``connect`` finds ``_connect`` in its module at every call, so that one bound early is reached too."""
    assert "_connect" in psycopg2.connect.__code__.co_names
    assert psycopg2.connect.__globals__ is vars(psycopg2)
    assert list(inspect.signature(psycopg2.connect).parameters)[:2] == ["dsn", "connection_factory"]


@pytest.mark.parametrize("kind", [extensions.connection, extensions.cursor])
def test_classes_can_be_derived(kind: type) -> None:
    """Connections and cursors are C classes with room for attributes in their subclasses."""
    assert hasattr(type("Derived", (kind,), {}), "__dict__")


@pytest.mark.parametrize(
    ("part", "field"),
    [(sql.SQL("x"), "string"), (sql.Identifier("x"), "strings"), (sql.Composed([]), "seq")],
)
def test_composed_sql_shows_its_parts(part: sql.Composable, field: str) -> None:
    """Composed SQL can be read without its adapters."""
    assert getattr(part, field) is not None


def test_pools_keep_their_private_fields() -> None:
    """The pools' state is read from these fields."""
    assert {"_pool", "_used", "_rused"} <= set(pool.AbstractConnectionPool.__init__.__code__.co_names)


@pytest.mark.parametrize("name", ["DatabaseApiIntegration", "CursorTracer"])
def test_upstream_looks_the_replaced_names_up(name: str) -> None:
    """Upstream's instrumentation finds both classes in its module when it needs them."""
    users = (upstream.Psycopg2Instrumentor._instrument, upstream._new_cursor_factory)
    assert any(name in user.__code__.co_names for user in users)
    assert isinstance(vars(upstream)[name], type)


def test_upstream_constructor_takes_a_meter_provider() -> None:
    """Its histograms can be silenced by an argument."""
    assert "meter_provider" in inspect.signature(upstream.DatabaseApiIntegration.__init__).parameters
