"""The private fields of psycopg2's pools that the hook reads mean what it takes them for."""

from __future__ import annotations

import inspect
import weakref

import psycopg2.extensions
import pytest
from psycopg2 import pool as pools


@pytest.mark.parametrize("kind", [pools.SimpleConnectionPool, pools.ThreadedConnectionPool])
def test_fields(kind: type[pools.AbstractConnectionPool]) -> None:
    """A new pool without connections has its limits and arguments, nothing idle and nothing used."""
    pool = kind(0, 7, "host=h", dbname="d")
    assert (pool.minconn, pool.maxconn, pool.closed) == (0, 7, False)
    assert (pool._pool, pool._used) == ([], {})
    assert (pool._args, pool._kwargs) == (("host=h",), {"dbname": "d"})
    assert weakref.ref(pool)() is pool


@pytest.mark.parametrize("kind", [pools.SimpleConnectionPool, pools.ThreadedConnectionPool])
def test_functions_are_where_the_hook_replaces_them(kind: type[pools.AbstractConnectionPool]) -> None:
    """Each concrete class holds the three functions itself, with the parameters that the hook passes on."""
    parameters = {
        name: list(inspect.signature(vars(kind)[name]).parameters) for name in ("getconn", "putconn", "closeall")
    }
    assert parameters == {"getconn": ["self", "key"], "putconn": ["self", "conn", "key", "close"], "closeall": ["self"]}


def test_exhaustion_says_so() -> None:
    """A pool that has no connection to give says ``exhausted``; that word tells it from a closed one."""
    pool = pools.SimpleConnectionPool(0, 0)
    with pytest.raises(pools.PoolError, match="exhausted"):
        pool.getconn()
    pool.closeall()
    with pytest.raises(pools.PoolError, match=r"^connection pool is closed$"):
        pool.getconn()


def test_connections_can_be_referred_to_weakly() -> None:
    """The connection class has a place for weak references, so that the hook sees its end."""
    assert psycopg2.extensions.connection.__weakrefoffset__ > 0


def test_connections_are_opened_by_one_function_of_the_base() -> None:
    """``_connect`` has the key of the request that waits, None in advance; every class inherits it."""
    assert list(inspect.signature(pools.AbstractConnectionPool._connect).parameters) == ["self", "key"]
    for kind in (pools.SimpleConnectionPool, pools.ThreadedConnectionPool):
        assert kind._connect is pools.AbstractConnectionPool._connect
