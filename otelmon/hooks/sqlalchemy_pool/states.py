"""Reads what a pool of SQLAlchemy looks like.

The most connections of a QueuePool have no public name; that field is read here only, and tests/contract holds it
against both releases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.pool import AssertionPool, NullPool, QueuePool, StaticPool

from otelmon.records import PoolState

if TYPE_CHECKING:
    from sqlalchemy.pool import Pool


def most_connections(pool: Pool) -> int | None:
    """Returns how many connections a pool hands out at once; None where it has no such limit."""
    if isinstance(pool, QueuePool):
        overflow: int = pool._max_overflow  # noqa: SLF001 - see the module's docstring
        return None if overflow < 0 else pool.size() + overflow
    return 1 if isinstance(pool, (AssertionPool, StaticPool)) else None


def can_wait(pool: Pool) -> bool:
    """Tells whether a request waits where a pool has no connection to give; others refuse at once, or never."""
    return isinstance(pool, QueuePool)


def state_of(pool: Pool, out: int, pending: int) -> PoolState:
    """Returns the state of a pool.

    Args:
        pool: of any class; one that this project does not know is not asked how many connections are idle.
        out: checkouts that have not come back.
        pending: requests that wait.
    """
    most = most_connections(pool)
    if isinstance(pool, QueuePool):
        return PoolState(idle=pool.checkedin(), used=pool.checkedout(), max=most, pending=pending)
    return PoolState(idle=0 if isinstance(pool, NullPool) else None, used=out, max=most)
