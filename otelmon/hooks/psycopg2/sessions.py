"""Tells diagnostics how a connection of psycopg2 was made; libpq knows, no server is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.hooks.local_port import local_port

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812 - psycopg2 writes its classes in lower case
    from psycopg2.extensions import cursor as Cursor  # noqa: N812

    from otelmon.registry.database_sessions import DatabaseSession, DatabaseSessions


def opened_session(sessions: DatabaseSessions, connection: Connection) -> DatabaseSession | None:
    """Begins the session of a connection that has just been established, on the thread that made it.

    Later the connection may be closed by another thread while libpq is being read.
    """
    info = connection.info
    # Of several hosts in the string, the one that answered.
    where = {"host": info.host, "port": str(info.port)}
    parameters = {**info.dsn_parameters, **{key: value for key, value in where.items() if value}}
    if info.password:
        parameters["password"] = info.password
    return sessions.opened("psycopg2", parameters, info.backend_pid, local_port(connection.fileno()))


def is_utf8(cursor: Cursor) -> bool:
    """Tells whether what a cursor sends is UTF-8, as the diagnostics connection is."""
    return cursor.connection.encoding in ("UTF8", "UNICODE")
