"""Tells diagnostics how a connection of psycopg was made; libpq knows, no server is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from otelmon.hooks.local_port import local_port

if TYPE_CHECKING:
    from otelmon.registry.database_sessions import DatabaseSession, DatabaseSessions


def opened_session(sessions: DatabaseSessions, connection: Any) -> DatabaseSession | None:  # noqa: ANN401 - any connection class
    """Begins the session of a connection that has just been established, on the thread that made it."""
    info = connection.info
    # Of several hosts in the string, the one that answered.
    where = {"host": info.host, "port": str(info.port), "hostaddr": info.hostaddr, "password": info.password}
    parameters = {**info.get_parameters(), **{key: value for key, value in where.items() if value}}
    return sessions.opened("psycopg", parameters, info.backend_pid, local_port(connection.fileno()))
