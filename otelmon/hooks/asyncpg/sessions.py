"""Knows where each connection of asyncpg leads, and what it is doing."""

from __future__ import annotations

import sys
import weakref
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from otelmon import guard
from otelmon.calls.connection_facts import ConnectionFacts
from otelmon.hooks.asyncpg.fields import address_of, database_of, parameters_of, socket_name_of
from otelmon.hooks.local_port import port_of
from otelmon.registry.database_sessions import DRIVERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from otelmon.registry.database_sessions import DatabaseSession, DatabaseSessions

SYSTEM = "postgresql"
_SESSION = guard.site("hooks.asyncpg.session")
NOWHERE = ConnectionFacts(SYSTEM)
_SOCKET = "/.s.PGSQL."


class Session:
    """Holds one connection's facts and what runs on it, without keeping the connection alive.

    ``running`` is the call that is observed now; while ``is_composed`` is set, asyncpg makes further calls to serve it,
    which count as part of it.
    """

    __slots__ = ("facts", "is_composed", "reference", "running")

    def __init__(self, reference: weakref.ref[Any], facts: ConnectionFacts) -> None:
        self.reference = reference
        self.facts = facts
        self.running: object | None = None
        self.is_composed = False


class Sessions:
    """Finds the session of a connection by identity: asyncpg's connections have no room for more attributes."""

    def __init__(self) -> None:
        self.attach(None)

    def attach(self, sessions: DatabaseSessions | None) -> None:
        """Begins anew, with what diagnostics keep of connections from now on."""
        self._sessions = sessions
        self._known: dict[int, Session] = {}

    def __len__(self) -> int:
        return len(self._known)

    def of(self, connection: Any) -> Session:  # noqa: ANN401 - any connection class
        """Returns the session of a connection, made when it is first seen."""
        known = self._known.get(id(connection))
        return known if known is not None and known.reference() is connection else self._first_seen(connection)

    def is_busy(self, connection: Any) -> bool:  # noqa: ANN401 - any connection class
        """Tells whether a call is running on a connection; any thread may ask."""
        known = self._known.get(id(connection))
        return known is not None and known.reference() is connection and known.running is not None

    def _first_seen(self, connection: Any) -> Session:  # noqa: ANN401 - any connection class
        key, known = id(connection), self._known
        session = Session(weakref.ref(connection, lambda _: known.pop(key, None)), _facts(connection, self._sessions))
        known[key] = session
        return session


# One for the process: pools ask as well.
SESSIONS = Sessions()


def _facts(connection: Any, sessions: DatabaseSessions | None) -> ConnectionFacts:  # noqa: ANN401 - asyncpg's types do not name the fields
    address, database = address_of(connection), database_of(connection)
    host, port = _socket(address) if isinstance(address, str) else (address[0], address[1])
    pid = None if connection.is_closed() else connection.get_server_pid()
    session = None
    if sessions is not None and pid:
        session = guard.call(_SESSION, _opened, sessions, connection, host, port)
    if session is not None and session.target.is_pooled:
        pid = None
    return ConnectionFacts(SYSTEM, database, host, port, pid or None, session)


def _opened(
    sessions: DatabaseSessions,
    connection: Any,  # noqa: ANN401 - any connection class
    host: str,
    port: int | None,
) -> DatabaseSession | None:
    """Begins the session of a connection, for a driver on libpq where the application has one loaded."""
    driver = next((each for each in DRIVERS if each in sys.modules), None)
    parameters = parameters_of(connection)
    if driver is None or parameters is None or port is None:
        return None
    where = {"host": host, "port": str(port)}
    own = port_of(socket_name_of(connection))
    return sessions.opened(driver, {**parameters, **where}, connection.get_server_pid(), own)


def _socket(path: str) -> tuple[str, int | None]:
    """Returns folder and port of a Unix socket, as libpq tells them."""
    folder, _, port = path.partition(_SOCKET)
    return folder, int(port) if port.isascii() and port.isdigit() else None


def facts_of_arguments(told: Mapping[str, object]) -> ConnectionFacts:
    """Returns where a connection should have led that did not come about; never user or password.

    Args:
        told: what ``connect`` was given, by name; what comes from the environment is not read.
    """
    of_dsn = zip(("host", "port", "database"), _of_dsn(told.get("dsn")), strict=True)
    host, port, database = (told.get(name) or value for name, value in of_dsn)
    return ConnectionFacts(
        SYSTEM,
        database if isinstance(database, str) else None,
        host if isinstance(host, str) else None,
        port if isinstance(port, int) else None,
    )


def _of_dsn(dsn: object) -> tuple[str | None, int | None, str | None]:
    if not isinstance(dsn, str):
        return None, None, None
    parts = urlsplit(dsn)
    # Several hosts have no one address; asking for their port raises.
    several = "," in parts.netloc
    host, port = (None, None) if several else (parts.hostname, parts.port)
    return host, port, unquote(parts.path.lstrip("/")) or None
