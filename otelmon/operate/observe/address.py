"""How to reach the database, from a connection string, libpq's variables or a service file; and its name in public."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate.sql.connection import read

if TYPE_CHECKING:
    from collections.abc import Mapping

READER = "otelmon_reader"
DSN_VARIABLE = "OTELMON_OBSERVE_DSN"


def parameters(dsn: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Returns the parameters of a connection, as the reader unless another user is named anywhere.

    Args:
        dsn: URI or ``key=value`` text; may be empty.
        environment: libpq's variables fill in what the text leaves out.

    Raises:
        OperateError: the text cannot be read; it is not repeated.
    """
    given = read(dsn)
    named = "user" in given or "service" in given or environment.get("PGUSER") or environment.get("PGSERVICE")
    return given if named else {**given, "user": READER}


def server(given: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str | int]:
    """Returns the attributes by which metrics say which server they are of; never a password or a user."""
    host = given.get("host") or given.get("hostaddr") or environment.get("PGHOST") or "localhost"
    port = given.get("port") or environment.get("PGPORT") or "5432"
    database = given.get("dbname") or environment.get("PGDATABASE") or given.get("service") or ""
    attributes: dict[str, str | int] = {
        "server.address": host,
        "service.instance.id": f"{host}:{port}/{database}",
    }
    return {**attributes, "server.port": int(port)} if port.isdigit() else attributes
