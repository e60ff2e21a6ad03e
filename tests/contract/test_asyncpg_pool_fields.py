"""The private names of asyncpg's pool that the hook uses, held against the installed release on a real PostgreSQL."""

from __future__ import annotations

import asyncio
import inspect
import weakref

import asyncpg
from asyncpg.pool import Pool


def test_both_ways_to_take_a_connection_end_in_one_method() -> None:
    """``_acquire`` takes the time limit alone, and a new connection comes from one method without arguments."""
    assert list(inspect.signature(Pool._acquire).parameters) == ["self", "timeout"]
    assert list(inspect.signature(Pool._get_new_connection).parameters) == ["self"]


def test_holders_lead_from_pool_to_connection_and_back(postgres_dsn) -> None:
    """A holder lives as long as its pool, can be referred to weakly, and has connection and proxy."""

    async def look() -> None:
        async with asyncpg.create_pool(postgres_dsn.partition("?")[0], min_size=0, max_size=1) as pool:
            async with pool.acquire() as proxy:
                (holder,) = pool._holders
                assert weakref.ref(holder)() is proxy._holder
                assert (holder._pool, holder._proxy, holder._con) == (pool, proxy, proxy._con)
            assert (holder._proxy, proxy._con) == (None, None)
            assert len(pool._connect_args) == 1
            assert isinstance(pool._connect_kwargs, dict)

    asyncio.run(look())
