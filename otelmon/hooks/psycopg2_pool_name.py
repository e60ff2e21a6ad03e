"""Names a pool of psycopg2 after the database that it leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from psycopg2.extensions import connection


def pool_name(args: Sequence[object], options: Mapping[str, object], idle: Sequence[connection]) -> str:
    """Returns ``host:port/database#1`` of a pool: as configured, else as its first connection knows; never a user.

    What neither says is ``default``, for it comes from the environment or the server.

    Args:
        args: what the pool hands to ``psycopg2.connect``.
        options: the same by name.
        idle: connections that the pool has already.
    """
    told = _configured(args, options)
    if idle and not all(told):
        info = idle[0].info
        host, port, database = (a or b for a, b in zip(told, (info.host, str(info.port), info.dbname), strict=True))
    else:
        host, port, database = told
    return f"{host or 'default'}:{port or 'default'}/{database or 'default'}#1"


def _configured(args: Sequence[Any], options: Mapping[str, Any]) -> tuple[str, str, str]:
    """Reads host, port and database from what a pool hands to ``psycopg2.connect``; empty if not given."""
    from psycopg2.extensions import parse_dsn  # noqa: PLC0415 - the library is imported only where it is watched

    dsn = args[0] if args else options.get("dsn")
    told = {**(parse_dsn(dsn) if dsn else {}), **options}
    host = told.get("host") or told.get("hostaddr") or ""
    return str(host), str(told.get("port") or ""), str(told.get("dbname") or told.get("database") or "")
