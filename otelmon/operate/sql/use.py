"""Uses an installed schema: reads a view, takes a snapshot, resets the statistics of statements."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import sql

from otelmon.operate.errors import OperateError
from otelmon.operate.sql import files
from otelmon.operate.sql.connection import connected
from otelmon.operate.sql.verify import become

RECORDER = "otelmon_recorder"


@dataclass(frozen=True, slots=True)
class Table:
    """Holds the rows of a view in the order of its columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Holds the number of a snapshot and how many old ones made room."""

    snapshot_id: int
    pruned: int


def show(dsn: str, view: str, limit: int) -> Table:
    """Reads a view with the rights of whoever connects.

    Raises:
        OperateError: there is no such view, or it cannot be read.
    """
    if view not in files.views():
        raise OperateError(f"there is no view {view}: otelmon sql show lists them")
    with connected(dsn) as connection:
        connection.execute("SET TRANSACTION READ ONLY")
        query = sql.SQL("SELECT * FROM otelmon.{} LIMIT {}").format(sql.Identifier(view), sql.Literal(limit))
        cursor = connection.execute(query)
        columns = tuple(column.name for column in cursor.description or ())
        return Table(columns, tuple(cursor.fetchall()))


def snapshot(dsn: str, keep_days: float) -> Snapshot:
    """Takes a snapshot as ``otelmon_recorder`` and deletes what is older than the days to keep.

    Raises:
        OperateError: not installed, not permitted, or pg_stat_statements is of no use.
    """
    with connected(dsn) as connection:
        become(connection, RECORDER)
        query = "SELECT otelmon.take_snapshot(), otelmon.prune_history(pg_catalog.make_interval(secs => %s))"
        row = connection.execute(query, [keep_days * 86400]).fetchone()
        connection.commit()
        taken, pruned = row or (None, None)
        return Snapshot(int(str(taken)), int(str(pruned)))


def reset(dsn: str) -> str:
    """Forgets the statements of one database and returns when.

    Raises:
        OperateError: not installed or not permitted.
    """
    with connected(dsn) as connection:
        row = connection.execute("SELECT otelmon.reset_statements()").fetchone()
        connection.commit()
        return str(row[0] if row else "")
