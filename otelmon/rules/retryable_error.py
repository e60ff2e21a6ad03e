"""Tells which errors of PostgreSQL ask for another attempt."""

from __future__ import annotations

_STATES = frozenset(("40001", "40P01", "55P03"))
_CLASSES = ("08", "57P0")


def is_retryable(sqlstate: str) -> bool:
    """Tells whether the same statement may succeed when it is tried again.

    Serialization failures, deadlocks, locks that were not available, lost connections, servers that shut down or start.
    Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
    """
    return sqlstate in _STATES or sqlstate.startswith(_CLASSES)
