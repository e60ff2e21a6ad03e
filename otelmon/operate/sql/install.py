"""Brings a database to the schema of this otelmon, or takes the schema away, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from otelmon.operate.errors import OperateError
from otelmon.operate.sql import files
from otelmon.operate.sql.connection import connected
from otelmon.operate.sql.script import LIMITS, steps

if TYPE_CHECKING:
    from pathlib import Path

    from psycopg.errors import Diagnostic

    from otelmon.operate.sql.connection import Connection

# Any number will do; it keeps two installations in one database apart.
LOCK_KEY = 7_235_419_011


@dataclass(frozen=True, slots=True)
class Outcome:
    """Says what an installation did or, in a dry run, would do."""

    database: str
    server_major: int
    version_before: int | None
    version_now: int | None
    replaced: tuple[str, ...]
    warnings: tuple[str, ...]
    dry_run: bool


def install(dsn: str, *, dry_run: bool = False, home: Path | None = None) -> Outcome:
    """Installs or upgrades the schema; history is kept; a second run changes nothing.

    Args:
        dsn: how to connect.
        dry_run: runs everything and takes it back, so that rights and conflicts show.
        home: the folder with the files; that of otelmon when not given.

    Raises:
        OperateError: not permitted, locked, a standby, too old a server, or a newer schema than this one.
    """
    with connected(dsn) as connection:
        warnings = begin(connection)
        major = connection.info.server_version // 10000
        before, digests = installed(connection)
        if before is not None and before > files.version(home):
            raise OperateError(
                f"the schema has version {before}, this otelmon knows {files.version(home)}: upgrade otelmon first"
            )
        wanted = {file.file_name: file.digest for file in files.numbered(major, home)}
        changed = tuple(sorted(name for name in wanted if digests.get(name) != wanted[name]))
        replace = digests != wanted or missing_views(connection, major, home)
        for step in steps(major, replace=replace, home=home):
            connection.execute(step.text.encode())
        warnings.extend(statements_warning(connection))
        finish(connection, dry_run=dry_run)
        return Outcome(
            connection.info.dbname, major, before, files.version(home), changed, tuple(warnings), dry_run
        )  # fmt: skip


def uninstall(dsn: str, *, dry_run: bool = False, home: Path | None = None) -> Outcome:
    """Removes the schema with its history, and the roles that no other database uses.

    Raises:
        OperateError: not permitted, locked, or views of others are built on it.
    """
    with connected(dsn) as connection:
        warnings = begin(connection)
        before, _ = installed(connection)
        connection.execute(files.other("uninstall", home).text.encode())
        finish(connection, dry_run=dry_run)
        major = connection.info.server_version // 10000
        return Outcome(connection.info.dbname, major, before, None, (), tuple(warnings), dry_run)


def begin(connection: Connection) -> list[str]:
    """Begins the transaction with its limits and returns the list that warnings of the server go to."""
    warnings: list[str] = []

    def listen(diagnostic: Diagnostic) -> None:
        if diagnostic.severity_nonlocalized == "WARNING":
            warnings.append(diagnostic.message_primary or "")

    connection.add_notice_handler(listen)
    connection.execute(LIMITS.encode())
    connection.execute("SET LOCAL client_min_messages = warning")
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])
    return warnings


def finish(connection: Connection, *, dry_run: bool) -> None:
    """Ends the transaction."""
    if dry_run:
        connection.rollback()
    else:
        connection.commit()


def installed(connection: Connection) -> tuple[int | None, dict[str, str]]:
    """Returns the version that is installed, None without any, and the digests of its files."""
    found = connection.execute("SELECT to_regclass('otelmon.schema_version') IS NOT NULL").fetchone()
    if not (found and found[0]):
        return None, {}
    version = connection.execute("SELECT max(version) FROM otelmon.schema_version").fetchone()
    rows = connection.execute("SELECT file_name, digest FROM otelmon.schema_file").fetchall()
    number = version[0] if version else None
    return number if isinstance(number, int) else None, {str(name): str(digest) for name, digest in rows}


def missing_views(connection: Connection, major: int, home: Path | None) -> bool:
    """Tells whether a view that should be there is not."""
    query = "SELECT viewname FROM pg_catalog.pg_views WHERE schemaname = 'otelmon'"
    there = {str(name) for (name,) in connection.execute(query).fetchall()}
    return not files.views(major, home).keys() <= there


def statements_warning(connection: Connection) -> list[str]:
    """Returns what keeps the views on statements from working, and what mends it; nothing where all is well."""
    query = "SELECT state, remedy FROM otelmon.extensions WHERE extension_name = 'pg_stat_statements'"
    row = connection.execute(query).fetchone()
    # That the one who installs may not read statistics matters to nobody: the reader does.
    if row is None or row[0] in ("ok", "denied"):
        return []
    state, remedy = row
    return [f"pg_stat_statements is {state}: {remedy or 'the server lacks its files, install the contrib package'}"]
