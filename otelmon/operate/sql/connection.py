"""Connects to a database; what goes wrong becomes one line that never shows the connection string or a password."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from psycopg import conninfo, errors

from otelmon.operate.errors import OperateError

if TYPE_CHECKING:
    from collections.abc import Iterator

Connection = psycopg.Connection[tuple[object, ...]]
APPLICATION_NAME = "otelmon sql"
SECONDS_TO_CONNECT = "10"
MASK = "***"


@contextmanager
def connected(dsn: str) -> Iterator[Connection]:
    """Opens one transaction that is rolled back unless it is committed.

    Args:
        dsn: URI or ``key=value`` text; what is missing comes from libpq's variables, PGHOST and the like.

    Raises:
        OperateError: the text cannot be read, the server cannot be reached, or a statement failed.
    """
    parameters = read(dsn)
    try:
        # No prepared statements: behind a pooler in transaction mode they belong to somebody else.
        connection = psycopg.connect(conninfo.make_conninfo(**parameters), prepare_threshold=None)
    except psycopg.Error as error:
        raise OperateError(f"cannot connect: {masked(first_line(error), parameters)}") from None
    try:
        yield connection
    except psycopg.Error as error:
        raise OperateError(masked(explained(error), parameters)) from None
    finally:
        connection.close()


def read(dsn: str) -> dict[str, str]:
    """Returns the parameters of a connection string, completed with a name and a time limit.

    Raises:
        OperateError: it is neither a URI nor ``key=value`` text.
    """
    try:
        given = {name: str(value) for name, value in conninfo.conninfo_to_dict(dsn).items()}
    except psycopg.ProgrammingError:
        # libpq's message repeats parts of the text.
        raise OperateError(
            "--dsn cannot be read (it is not repeated here, because it may hold a password): "
            "write postgresql://user@host:5432/database, or host=... dbname=..."
        ) from None
    return {"application_name": APPLICATION_NAME, "connect_timeout": SECONDS_TO_CONNECT, **given}


def masked(text: str, parameters: dict[str, str]) -> str:
    """Returns a text without the password."""
    secrets = [parameters.get(name) for name in ("password", "sslpassword")]
    for secret in filter(None, secrets):
        text = text.replace(secret, MASK)
    return text


def first_line(error: psycopg.Error) -> str:
    """Returns the first line of an error that has text."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


def explained(error: psycopg.Error) -> str:
    """Returns what the server said, what it means here and how to mend it."""
    said = error.diag.message_primary or first_line(error)
    hint = f" ({error.diag.message_hint})" if error.diag.message_hint else ""
    if isinstance(error, errors.InsufficientPrivilege):
        return f"not permitted: {said}{hint}; nothing was changed. Use the owner of the database or an administrator"
    if isinstance(error, errors.LockNotAvailable):
        return f"{said}: somebody uses the views or tables of the schema otelmon; nothing was changed, try again"
    if isinstance(error, errors.ReadOnlySqlTransaction):
        return f"{said}: this server is a standby or read-only; use the primary"
    if isinstance(error, errors.DependentObjectsStillExist):
        return f"{said}: {error.diag.message_detail or error.diag.message_hint}; nothing was changed"
    if isinstance(error, (errors.InvalidSchemaName, errors.UndefinedFunction, errors.UndefinedTable)):
        return f"{said}: the schema otelmon is not installed here or is of another version; run otelmon sql install"
    return f"{said}{hint}"
