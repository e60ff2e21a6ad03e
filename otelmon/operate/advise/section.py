"""Reads parts of the facts so that one that cannot be read takes nothing else away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psycopg
from psycopg import errors, sql
from psycopg.rows import dict_row

from otelmon.operate.sql import files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from otelmon.operate.advise.facts import Row
    from otelmon.operate.sql.connection import Connection

_VIEW = re.compile(r"^CREATE VIEW otelmon\.\w+ \(\n.*?\n\) AS\n(?P<query>.*);\s*\Z", re.MULTILINE | re.DOTALL)


class Sections:
    """Runs queries in savepoints of one transaction and remembers which could not be read, and why."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.unread: dict[str, str] = {}

    def rows(self, name: str, query: str) -> tuple[Row, ...]:
        """Returns the rows of a query by column name; none when it failed, which ``unread`` then says."""
        try:
            with self._connection.transaction(), self._connection.cursor(row_factory=dict_row) as cursor:
                return tuple(cursor.execute(query.encode()).fetchall())
        except psycopg.Error as error:
            self.unread[name] = reason(error)
            return ()

    def tuples(self, name: str, query: str) -> Sequence[tuple[object, ...]]:
        """Returns the rows of a query in the order of its columns; otherwise as ``rows``."""
        return [tuple(row.values()) for row in self.rows(name, query)]

    def view(self, name: str) -> tuple[Row, ...]:
        """Returns the rows that a view of ``sql/`` has, whether or not it is installed here."""
        major = self._connection.info.server_version // 10000
        file = files.views(major)[name]
        return self.rows(name, inlined(file))


def inlined(file: files.SqlFile) -> str:
    """Returns the query of a view with the names of its columns, to be run without the view."""
    match = _VIEW.search(file.text)
    if match is None or file.description is None:
        return f"SELECT * FROM otelmon.{file.name}"  # noqa: S608 - a name of ours
    columns = ", ".join(name for name, _ in file.description.columns)
    return f"WITH here ({columns}) AS (\n{match['query']}\n) SELECT * FROM here"  # noqa: S608 - text of ours


def reason(error: psycopg.Error) -> str:
    """Returns why something could not be read, and what mends it where that is known."""
    said = error.diag.message_primary or type(error).__name__
    hints = {
        errors.InsufficientPrivilege: "this role may not; GRANT pg_monitor to it, or use otelmon_reader",
        errors.LockNotAvailable: "somebody holds a lock on it; run again",
        errors.QueryCanceled: "it took too long; raise --timeout-seconds",
        errors.InvalidSchemaName: "run otelmon sql install",
        errors.UndefinedTable: "run otelmon sql install",
        errors.UndefinedFunction: "run otelmon sql install",
    }
    hint = next((text for kind, text in hints.items() if isinstance(error, kind)), "")
    return f"{said} ({hint})" if hint else said


def identifier(*names: str) -> str:
    """Returns names as one quoted identifier."""
    return sql.Identifier(*names).as_string(None)
