"""What the hook of psycopg_pool uses is what the installed release has."""

from __future__ import annotations

import inspect

import psycopg_pool
import pytest

POOLS = [psycopg_pool.ConnectionPool, psycopg_pool.AsyncConnectionPool]
WITHOUT_CONNECTIONS = [psycopg_pool.NullConnectionPool, psycopg_pool.AsyncNullConnectionPool]


@pytest.mark.parametrize("kind", POOLS)
def test_connections_are_opened_by_one_function(kind: type) -> None:
    """The function whose time is taken returns the connection and is the pool's own."""
    assert list(inspect.signature(vars(kind)["_connect"]).parameters) == ["self", "timeout"]


@pytest.mark.parametrize(("kind", "base"), list(zip(WITHOUT_CONNECTIONS, POOLS, strict=True)))
@pytest.mark.parametrize("name", ["getconn", "putconn", "close", "_connect"])
def test_pools_without_connections_inherit(kind: type, base: type, name: str) -> None:
    """What is put in place of the functions of the one is what the other runs, too."""
    assert getattr(kind, name) is getattr(base, name)


def test_statistics_have_the_figures_that_are_read() -> None:
    """Idle connections and waiting requests are among the public statistics."""
    pool = psycopg_pool.ConnectionPool("", min_size=1, open=False)
    assert {"pool_available", "requests_waiting"} <= set(pool.get_stats())
    assert (pool.max_size, pool.min_size, pool.conninfo, pool.kwargs or {}) == (1, 1, "", {})
