"""Reads what asyncpg has no public name for, here only; tests/contract holds it against the release.

asyncpg tells a connection's address to query loggers alone, after a query; what a prepared statement or cursor belongs
to, it tells nobody.
"""

from __future__ import annotations

from typing import Any


def address_of(connection: Any) -> tuple[str, int] | str:  # noqa: ANN401 - any connection class
    """Returns host and port of a connection, or the path of its socket."""
    address: tuple[str, int] | str = connection._addr  # noqa: SLF001 - see the module's docstring
    return address


def database_of(connection: Any) -> str | None:  # noqa: ANN401 - any connection class
    """Returns the name of a connection's database."""
    database: str | None = connection._params.database  # noqa: SLF001 - see the module's docstring
    return database


def parameters_of(connection: Any) -> dict[str, str] | None:  # noqa: ANN401 - any connection class
    """Returns how a connection was made as parameters of libpq; None where they cannot be written so."""
    known = connection._params  # noqa: SLF001 - see the module's docstring
    if known.server_settings or not isinstance(known.password, (str, type(None))):
        return None
    mode = known.sslmode.name.replace("_", "-") if known.sslmode is not None else None
    told = {"user": known.user, "password": known.password, "dbname": known.database, "sslmode": mode}
    return {key: str(value) for key, value in told.items() if value}


def socket_name_of(connection: Any) -> object:  # noqa: ANN401 - any connection class
    """Returns the name of a connection's own socket."""
    return connection._transport.get_extra_info("sockname")  # noqa: SLF001 - see the module's docstring


def connection_of(resource: Any) -> Any:  # noqa: ANN401 - asyncpg's classes
    """Returns the connection of a prepared statement or cursor."""
    return resource._connection  # noqa: SLF001 - see the module's docstring


def query_of(resource: Any) -> object:  # noqa: ANN401 - asyncpg's classes
    """Returns the statement of a prepared statement or cursor, where ``get_query()`` refuses on a closed connection."""
    query: object = resource._query  # noqa: SLF001 - see the module's docstring
    return query


def is_exhausted(cursor: Any) -> bool:  # noqa: ANN401 - asyncpg's classes
    """Tells whether a cursor has come to its end, and so asks the server no more."""
    return bool(cursor._exhausted)  # noqa: SLF001 - see the module's docstring


def has_rows(iterator: Any) -> bool:  # noqa: ANN401 - asyncpg's classes
    """Tells whether a cursor's iterator has a row for its next step."""
    return bool(iterator._buffer)  # noqa: SLF001 - see the module's docstring
