"""Faults of a PostgreSQL server: sessions, locks, limits, caches, transaction ids."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2

from demo.drill.loop import Loops
from demo.drill.sessions import Sessions, execute
from demo.drill.statements import balance
from demo.parts import postgres
from demo.parts.account import Account
from demo.parts.waiting import wait_for
from otelmon.operate.drill.fault import Fault, Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.drill.situation import Situation

LEDGER, ARCHIVE, STANDBY = "ledger", "archive", "standby"
# 30, of which 3 are the superuser's.
USABLE = 27
LARGE = """
CREATE TABLE IF NOT EXISTS large AS SELECT n, repeat('x', 400) AS filler FROM generate_series(1, 140000) AS n
"""
XACT_SEGMENT = 1 << 20
SEGMENT_BYTES = 1 << 18


def idle_in_transaction(here: Situation) -> Fault:
    """A transaction in which nothing runs."""
    sessions = Sessions(here.places.contributors.url)
    labels = {"server": here.places.contributors.address}
    return Fault(
        "idle-in-transaction",
        (
            Stage(
                ("OtelmonIdleInTransaction", "warning"), "a transaction left open",
                lambda: sessions.open(1, "SELECT count(*) FROM repositories"), labels, ripens=60.0,
            ),
            Stage(("OtelmonIdleInTransaction", "critical"), "left open still", lambda: None, labels, ripens=20.0),
        ),
        sessions.close,
        uses=frozenset({"contributors database"}),
        takes=frozenset({"sessions"}),
    )  # fmt: skip


def blocking_chain(here: Situation) -> Fault:
    """One session locks a row and works on; a second waits for it, a third for the second."""
    sessions = Sessions(here.places.contributors.url)
    labels = {"server": here.places.contributors.address}
    row = "UPDATE contributors SET login = login WHERE id = 1"

    def inject() -> None:
        sessions.run(f"{row}; SELECT pg_sleep(600)")
        wait_for(lambda: waiting(here, "wait_event = 'PgSleep'") >= 1, 10)
        sessions.run(row)
        sessions.run(row)

    return Fault(
        "blocking-chain",
        (
            Stage(
                ("OtelmonBlockingChain", "warning"), "two sessions wait for a locked row", inject, labels, ripens=10.0
            ),
            Stage(("OtelmonBlockingChain", "critical"), "they wait still", lambda: None, labels, ripens=20.0),
        ),
        sessions.close,
        uses=frozenset({"contributors database"}),
        takes=frozenset({"sessions"}),
    )


def waiting(here: Situation, condition: str) -> int:
    """Returns how many sessions of the application's database are in a state."""
    connection = psycopg2.connect(here.application_url("contributors"))
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM pg_stat_activity WHERE {condition}")
            return int((cursor.fetchone() or (0,))[0])
    finally:
        connection.close()


def server_connections(here: Situation) -> Fault:
    """Sessions opened one by one until the server takes no more."""
    sessions = Sessions(here.places.ledger.url)
    labels = {"server": here.places.ledger.address}

    def until(left: int) -> Callable[[], None]:
        def inject() -> None:
            sessions.open(max(0, free(here) - left))

        return inject

    return Fault(
        "server-connections",
        (
            Stage(("OtelmonServerConnections", "warning"), "all but 4 of 27 connections opened", until(4), labels),
            Stage(("OtelmonServerConnections", "critical"), "all but 2 opened", until(2), labels),
            Stage(("OtelmonServerConnectionsExhausted", "critical"), "all opened", until(0), labels),
        ),
        sessions.close,
        takes=frozenset({LEDGER}),
    )


def free(here: Situation) -> int:
    """Returns how many sessions an application can still open on the ledger's server."""
    connection = psycopg2.connect(here.places.ledger.admin_url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
            # This very session is the superuser's and goes away.
            return USABLE + 1 - int((cursor.fetchone() or (0,))[0])
    finally:
        connection.close()


def database_cache_hit(here: Situation) -> Fault:
    """A table of 60 MB read again and again through a cache of 4 MB."""
    loops, url = Loops(), here.application_url(ARCHIVE)

    def inject() -> None:
        execute(url, LARGE)
        loops.begin(lambda: execute(url, "SELECT count(*) FROM large"), 1.0)

    return Fault(
        "database-cache-hit",
        (
            Stage(
                ("OtelmonDatabaseCacheHit", "warning"), "60 MB read every second through a cache of 4 MB", inject,
                {"server": here.places.archive.address},
            ),
        ),
        loops.end,
        takes=frozenset({ARCHIVE}),
    )  # fmt: skip


def statement_slower(here: Situation) -> Fault:
    """A function that every statement of a kind calls, replaced by a slow one."""
    url = here.application_url(LEDGER)
    return Fault(
        "statement-slower",
        (
            Stage(
                ("OtelmonStatementSlowerThanUsual", "warning"), "a function replaced by one that takes 0.3 s",
                lambda: execute(url, balance(", pg_sleep(0.3)")), {"server": here.places.ledger.address},
            ),
        ),
        lambda: execute(url, balance()),
        uses=frozenset({STANDBY}),
        takes=frozenset({LEDGER}),
    )  # fmt: skip


def wraparound(here: Situation) -> Fault:
    """A server whose transaction ids are set forward, as years of writing would."""
    labels = {"server": here.places.archive.address}

    def forward(xid: int) -> Callable[[], None]:
        return lambda: advance(here, xid)

    return Fault(
        "wraparound",
        (
            Stage(
                ("OtelmonWraparound", "warning"),
                "next transaction id set to 1.2 billion",
                forward(1_200_000_000),
                labels,
            ),
            Stage(("OtelmonWraparound", "critical"), "and to 1.8 billion", forward(1_800_000_000), labels),
        ),
        lambda: freeze_all(here),
        takes=frozenset({ARCHIVE}),
    )


def advance(here: Situation, xid: int) -> None:
    """Stops the archive's server, sets its next transaction id, and starts it again.

    Source: https://www.postgresql.org/docs/current/app-pgresetwal.html; the segment of pg_xact must be there.
    """
    archive = here.places.archive
    here.supervisor.stop_part("postgres-archive")
    data = Path(archive.data)
    account = Account.unprivileged()
    segment = data / "pg_xact" / f"{xid // XACT_SEGMENT:04X}"
    segment.write_bytes(bytes(SEGMENT_BYTES))
    account.own(segment)
    command = [Path(archive.programs) / "pg_resetwal", "-f", "-x", str(xid), data]
    subprocess.run(
        command, check=True, capture_output=True, cwd=data.parent,
        env={"PATH": os.defpath, "LC_ALL": "C"}, user=account.user, group=account.group, extra_groups=account.groups,
    )  # fmt: skip
    here.supervisor.start_again("postgres-archive", lambda: postgres.accepts(archive.admin_url))


def freeze_all(here: Situation) -> None:
    """Freezes every row of every database, the template that takes no connections included."""
    url = here.places.archive.admin_url
    execute(url, "ALTER DATABASE template0 ALLOW_CONNECTIONS true")
    for name in ("postgres", "template1", "template0", postgres.DATABASE):
        execute(url.replace("/postgres?", f"/{name}?"), "VACUUM FREEZE")
    execute(url, "ALTER DATABASE template0 ALLOW_CONNECTIONS false", "CHECKPOINT")
