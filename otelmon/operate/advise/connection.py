"""Opens one read-only transaction on a node, with limits on what it may wait for and how long it may run."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from otelmon.operate.sql.connection import connected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from otelmon.operate.sql.connection import Connection

# One sight of one moment; nothing waits behind a lock for longer than others notice.
LIMITS = """
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
SET LOCAL lock_timeout = '200ms';
SET LOCAL statement_timeout = '{milliseconds}ms';
SET LOCAL search_path = pg_catalog;
SET LOCAL application_name = 'otelmon advise';
"""


@contextmanager
def reading(dsn: str, statement_seconds: float) -> Iterator[Connection]:
    """Opens a transaction in which nothing can be changed; it is rolled back at the end.

    Args:
        dsn: as ``otelmon sql`` takes it; never part of an error.
        statement_seconds: when a statement is cancelled.

    Raises:
        OperateError: the text cannot be read, the node cannot be reached, or a statement failed.
    """
    with connected(dsn) as connection:
        connection.execute(LIMITS.format(milliseconds=int(statement_seconds * 1000)).encode())
        yield connection


def label(connection: Connection) -> str:
    """Returns how a node is called in findings: host and port, nothing of the connection string besides."""
    return f"{connection.info.host or 'local socket'}:{connection.info.port}"
