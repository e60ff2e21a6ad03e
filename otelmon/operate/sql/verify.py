"""Runs every view as the reader and says of each: ok, slow, denied, missing or failed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
from psycopg import errors, sql

from otelmon.operate.errors import OperateError
from otelmon.operate.sql import files
from otelmon.operate.sql.connection import connected
from otelmon.operate.sql.install import installed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from otelmon.operate.sql.connection import Connection

READER = "otelmon_reader"
OK, SLOW, DENIED, MISSING, FAILED = "ok", "slow", "denied", "missing", "failed"
OUTDATED, TOO_MUCH = "outdated", "too much"
_PRIVILEGES = """
SELECT pg_catalog.pg_has_role(r.oid, 'pg_read_all_stats', 'USAGE'),
    r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls
    OR EXISTS (SELECT FROM pg_catalog.pg_auth_members AS m
        JOIN pg_catalog.pg_roles AS g ON g.oid = m.roleid
        WHERE m.member = r.oid AND g.rolname <> 'pg_monitor')
FROM pg_catalog.pg_roles AS r WHERE r.rolname = 'otelmon_reader'
"""
# What pg_has_role is asked: since 16 membership and the right to act as a role are two things.
_ACT_AS = """
SELECT pg_catalog.pg_has_role(r.oid, CASE WHEN pg_catalog.current_setting('server_version_num')::integer >= 160000
    THEN 'SET' ELSE 'MEMBER' END)
FROM pg_catalog.pg_roles AS r WHERE r.rolname = %s
"""


@dataclass(frozen=True, slots=True)
class Check:
    """Holds one verdict; rows and seconds are None where nothing was run."""

    name: str
    verdict: str
    detail: str = ""
    rows: int | None = None
    seconds: float | None = None


def verify(dsn: str, slow_seconds: float, timeout_seconds: float) -> list[Check]:
    """Checks version, rights and every view, the views as ``otelmon_reader``; changes nothing.

    Args:
        dsn: how to connect, as the reader itself or as a role that may act as it.
        slow_seconds: from when on a view is slow.
        timeout_seconds: when a view is cancelled, which makes it slow too.

    Raises:
        OperateError: no connection, or no way to act as the reader.
    """
    with connected(dsn) as connection:
        connection.execute("SET TRANSACTION READ ONLY")
        checks = [version_check(connection)]
        if checks[0].verdict == MISSING:
            return checks
        checks.append(privilege_check(connection))
        become(connection, READER)
        connection.execute("SELECT set_config('statement_timeout', %s, true)", [f"{timeout_seconds * 1000:.0f}"])
        checks.extend(view_checks(connection, slow_seconds))
        return checks


def version_check(connection: Connection) -> Check:
    """Compares the installed files with those of this otelmon for this server."""
    try:
        with connection.transaction():
            version, digests = installed(connection)
    except errors.InsufficientPrivilege:
        return Check("schema", MISSING, "this role may not see the schema otelmon, or it is not installed")
    if version is None:
        return Check("schema", MISSING, "run otelmon sql install")
    major = connection.info.server_version // 10000
    if digests != {file.file_name: file.digest for file in files.numbered(major)}:
        return Check(
            "schema", OUTDATED, f"version {version}, made by another otelmon or for another server; run install"
        )
    return Check("schema", OK, f"version {version}")


def privilege_check(connection: Connection) -> Check:
    """Tells whether the reader has pg_monitor, and nothing else."""
    row = connection.execute(_PRIVILEGES).fetchone()
    if row is None:
        return Check(READER, MISSING, "the role does not exist; run otelmon sql install")
    sees, more = row
    if not sees:
        return Check(READER, DENIED, f"may not read the statistics of others: GRANT pg_monitor TO {READER}")
    if more:
        return Check(READER, TOO_MUCH, "has rights beyond pg_monitor; revoke them")
    return Check(READER, OK, "pg_monitor and nothing else")


def become(connection: Connection, role: str) -> None:
    """Acts as a role until the end of the transaction.

    Raises:
        OperateError: the role does not exist, or this one may not act as it.
    """
    if connection.info.user == role:
        return
    row = connection.execute(_ACT_AS, [role]).fetchone()
    if row is None or not row[0]:
        raise OperateError(
            f"{connection.info.user} may not act as {role}: connect as {role}, "
            f"or have an administrator run GRANT {role} TO {connection.info.user}"
        )
    connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))


def view_checks(connection: Connection, slow_seconds: float) -> Iterator[Check]:
    """Yields a verdict for every view of this server version."""
    for name in files.views(connection.info.server_version // 10000):
        yield view_check(connection, name, slow_seconds)


def view_check(connection: Connection, name: str, slow_seconds: float) -> Check:
    """Reads all rows of one view; an error takes back only what this view did."""
    started = time.perf_counter()
    try:
        with connection.transaction():
            found = connection.execute(sql.SQL("SELECT * FROM otelmon.{}").format(sql.Identifier(name))).fetchall()
    except psycopg.Error as error:
        hint = f" ({error.diag.message_hint})" if error.diag.message_hint else ""
        return Check(name, verdict_of(error), f"{error.diag.message_primary or type(error).__name__}{hint}")
    seconds = time.perf_counter() - started
    slow = seconds >= slow_seconds
    return Check(name, SLOW if slow else OK, f"over {slow_seconds:g} s" if slow else "", len(found), seconds)


def verdict_of(error: psycopg.Error) -> str:
    """Returns what an error of the server means for a view."""
    verdicts: Mapping[type[psycopg.Error], str] = {
        errors.InsufficientPrivilege: DENIED,
        errors.UndefinedTable: MISSING,
        errors.ObjectNotInPrerequisiteState: MISSING,
        errors.QueryCanceled: SLOW,
        errors.LockNotAvailable: SLOW,
    }
    return next((verdict for kind, verdict in verdicts.items() if isinstance(error, kind)), FAILED)
