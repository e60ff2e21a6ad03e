"""Tells what a driver's connection is doing, whatever driver it is of, without waiting."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from otelmon.records import ConnectionUse

# libpq's PGTransactionStatusType, which psycopg2 and psycopg 3 pass on as it is. Source:
# https://www.postgresql.org/docs/current/libpq-status.html#LIBPQ-PQTRANSACTIONSTATUS
_USES: dict[int, ConnectionUse] = {0: "idle", 1: "busy", 2: "in_transaction", 3: "in_transaction", 4: "closed"}


def use_of(connection: Any) -> ConnectionUse | None:  # noqa: ANN401 - any driver's connection
    """Returns what a connection is doing; None where its driver does not tell."""
    if type(connection).__module__.startswith("asyncpg."):
        return use_in_asyncpg(connection)
    if getattr(connection, "closed", False):
        return "closed"
    status = getattr(getattr(connection, "info", None), "transaction_status", None)
    return _USES.get(status) if isinstance(status, int) else None


def use_in_asyncpg(connection: Any) -> ConnectionUse:  # noqa: ANN401 - asyncpg's own class or one derived from it
    """Returns what a connection of asyncpg is doing; a call that is not observed is not known to run."""
    if connection.is_closed():
        return "closed"
    sessions = sys.modules.get("otelmon.hooks.asyncpg.sessions")
    if sessions is not None and sessions.SESSIONS.is_busy(connection):
        return "busy"
    return "in_transaction" if connection.is_in_transaction() else "idle"
