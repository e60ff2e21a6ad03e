"""Whether the reader of `otelmon observe` may read, what stands between, and whether the clocks agree."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from otelmon.operate.doctor.checks.clocks import judged
from otelmon.operate.doctor.result import Result
from otelmon.operate.errors import OperateError
from otelmon.operate.sql.connection import connected
from otelmon.operate.sql.verify import (
    DENIED,
    FAILED,
    MISSING,
    OUTDATED,
    TOO_MUCH,
    Check,
    privilege_check,
    version_check,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from otelmon.operate.sql.connection import Connection

GROUP: Final = "database"
FIXES = {
    MISSING: "run `otelmon sql install` as the owner of the database",
    OUTDATED: "run `otelmon sql install` as the owner of the database",
    DENIED: "run `GRANT pg_monitor TO otelmon_reader` as an administrator",
    TOO_MUCH: "revoke what otelmon_reader does not need: it needs pg_monitor alone",
    FAILED: "see the server's log",
}
POOLER = "pooler"


def database(dsn: str) -> Iterator[Result]:
    """Yields schema, grants, statistics, pooler and clock of one database; changes nothing.

    Args:
        dsn: as of `otelmon observe`; empty where there is none.
    """
    if not dsn:
        yield Result(GROUP, "database", "unknown", "not asked: give --dsn, or set OTELMON_OBSERVE_DSN")
        return
    try:
        with connected(dsn) as connection:
            connection.execute("SET TRANSACTION READ ONLY")
            yield from _looked_at(connection)
    except OperateError as error:
        fix = "start it, or mend address, user and password"
        yield Result(GROUP, "database", "finding", str(error), fix)


def _looked_at(connection: Connection) -> Iterator[Result]:
    yield _clock(connection)
    yield _pooler(connection)
    version = version_check(connection)
    yield _judged("schema", version)
    if version.verdict != MISSING:
        yield _judged("grants", privilege_check(connection))
    yield _statements(connection)


def _judged(name: str, check: Check) -> Result:
    seen = f"{check.verdict}{f': {check.detail}' if check.detail else ''}"
    fix = FIXES.get(check.verdict, "")
    return Result(GROUP, name, "finding" if fix else "ok", seen, fix)


def _clock(connection: Connection) -> Result:
    before = time.time()
    row = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
    there = row[0] if row is not None and isinstance(row[0], float) else before
    return judged("clock of PostgreSQL", there - before, there - time.time())


def _pooler(connection: Connection) -> Result:
    """Tells a pooler by the process that it says serves us: the server knows another."""
    row = connection.execute("SELECT pg_catalog.pg_backend_pid()").fetchone()
    told = connection.info.backend_pid
    if row is not None and row[0] == told:
        return Result(GROUP, POOLER, "ok", "none between: the process at the other end is the server's")
    fix = "let `otelmon observe` connect to the server itself; applications may stay behind the pooler"
    return Result(GROUP, POOLER, "finding", "a pooler stands between, through which sessions cannot be told apart", fix)


def _statements(connection: Connection) -> Result:
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'pg_stat_statements')"
    ).fetchone()
    if row is not None and row[0]:
        return Result(GROUP, "pg_stat_statements", "ok", "is installed")
    fix = "add it to shared_preload_libraries, restart the server, and CREATE EXTENSION it as an administrator"
    return Result(GROUP, "pg_stat_statements", "finding", "is not installed: statements are not known", fix)
