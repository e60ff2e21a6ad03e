"""Knows where each connection of asyncpg leads, and what it is doing."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from otelmon.calls.connection_facts import ConnectionFacts
from otelmon.hooks.asyncpg.fields import address_of, database_of

if TYPE_CHECKING:
    from collections.abc import Mapping

SYSTEM = "postgresql"
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
        self._known: dict[int, Session] = {}

    def __len__(self) -> int:
        return len(self._known)

    def of(self, connection: Any) -> Session:  # noqa: ANN401 - any connection class
        """Returns the session of a connection, made when it is first seen."""
        known = self._known.get(id(connection))
        return known if known is not None and known.reference() is connection else self._first_seen(connection)

    def _first_seen(self, connection: Any) -> Session:  # noqa: ANN401 - any connection class
        key, known = id(connection), self._known
        session = Session(weakref.ref(connection, lambda _: known.pop(key, None)), _facts(connection))
        known[key] = session
        return session


def _facts(connection: Any) -> ConnectionFacts:  # noqa: ANN401 - asyncpg's types do not name the fields
    address, database = address_of(connection), database_of(connection)
    host, port = _socket(address) if isinstance(address, str) else (address[0], address[1])
    pid = None if connection.is_closed() else connection.get_server_pid()
    return ConnectionFacts(SYSTEM, database, host, port, pid or None)


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
