"""Names a pool of SQLAlchemy after the database that it leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# As drivers call them in the arguments of their ``connect``.
_DATABASE = ("dbname", "database", "db")


def pool_name(told: Mapping[str, object], connection: object) -> str:
    """Returns ``host:port/database#1`` of a pool: as configured, else as its connection knows; never a user.

    What neither says is ``default``, for it comes from the environment or the server.

    Args:
        told: what the driver's ``connect`` is given, by name.
        connection: of the driver, or None.
    """
    database = next((told[name] for name in _DATABASE if told.get(name)), None)
    known: list[object] = [told.get("host"), told.get("port"), database]
    if not all(known):
        known = [a or b for a, b in zip(known, _of_connection(connection), strict=True)]
    host, port, database = (str(each) if each else "default" for each in known)
    return f"{host}:{port}/{database}#1"


def _of_connection(connection: Any) -> tuple[Any, Any, Any]:  # noqa: ANN401 - any driver's connection
    if type(connection).__module__.startswith("asyncpg."):
        from otelmon.hooks.asyncpg.sessions import SESSIONS  # noqa: PLC0415 - only where asyncpg is

        facts = SESSIONS.of(connection).facts
        return facts.server_address, facts.server_port, facts.namespace
    info = getattr(connection, "info", None)
    return tuple(getattr(info, name, None) for name in ("host", "port", "dbname"))  # type: ignore[return-value]  # three
