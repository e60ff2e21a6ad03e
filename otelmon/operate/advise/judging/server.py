"""What of the whole server needs a look: transaction ids, settings, slots, transactions, statements?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate.advise.finding import ERROR, INFO, WARN, Finding, Subject
from otelmon.operate.advise.judging.evidence import bytes_shown
from otelmon.operate.advise.judging.reading import number, ratio, text
from otelmon.operate.advise.judging.tables import plain
from otelmon.operate.advise.nodes import duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from otelmon.operate.advise.facts import Facts, Row
    from otelmon.operate.advise.limits import Limits


def wraparound(facts: Facts, limits: Limits) -> Iterator[Finding]:
    """Yields databases that have used much of their transaction ids."""
    for row in facts.views.get("wraparound", ()):
        used = ratio(row, "used_ratio")
        if used < limits.wraparound_warning:
            continue
        yield Finding(
            kind="wraparound",
            level=ERROR if used >= limits.wraparound_error else WARN,
            subject=Subject("database", text(row, "database_name")),
            detail=f"Database {row['database_name']} has used {used:.0%} of its transaction ids: freezing does not "
            "keep up.",
            remediation="End what holds it back (open transactions, prepared ones, slots), then VACUUM (FREEZE) the "
            "tables with the highest transaction_id_age in the view vacuum.",
            evidence=plain(row),
        )


def settings(facts: Facts, limits: Limits) -> Iterator[Finding]:  # noqa: ARG001 - every judge is called alike
    """Yields settings of which the view says something."""
    risky = ("fsync", "full_page_writes", "autovacuum")
    for row in facts.views.get("settings", ()):
        if row["advice"] is None:
            continue
        name, value = text(row, "setting_name"), text(row, "setting_value")
        yield Finding(
            kind="setting",
            level=ERROR if name in risky else INFO,
            subject=Subject("setting", name),
            detail=f"{name} is {value}: {row['advice']}.",
            remediation="Change it for the server, or for a role or database with ALTER ROLE or ALTER DATABASE.",
            evidence=plain(row),
        )


def slots(facts: Facts, limits: Limits) -> Iterator[Finding]:
    """Yields slots that nobody receives from."""
    for row in facts.views.get("replication_slots", ()):
        seconds = ratio(row, "inactive_seconds") if row["inactive_seconds"] is not None else None
        if not row["active"]:
            yield slot(row, seconds, limits)


def slot(row: Row, seconds: float | None, limits: Limits) -> Finding:
    """Returns the judgment on one slot; a receiver that went away a moment ago may come back."""
    bad = text(row, "wal_status") in ("unreserved", "lost")
    young = seconds is not None and seconds < limits.slot_inactive_seconds and not bad
    name = text(row, "slot_name")
    return Finding(
        kind="inactive_slot",
        level=ERROR if bad else WARN,
        subject=Subject("slot", name),
        detail=f"Slot {name} ({row['slot_type']}) keeps {bytes_shown(number(row, 'retained_bytes'))} of log for nobody"
        + ("." if seconds is None else f" since {duration(seconds)}."),
        remediation="Start its receiver, or drop the slot when that will not come back: it must then start anew.",
        evidence=plain(row),
        doubts=(f"it is inactive for {duration(seconds)} only",) if young and seconds is not None else (),
        mend=(f"SELECT pg_catalog.pg_drop_replication_slot('{name}');",),
    )


def transactions(facts: Facts, limits: Limits) -> Iterator[Finding]:
    """Yields transactions that are open for long, as what is so now."""
    for row in facts.views.get("open_transactions", ()):
        idle = bool(row["idle_in_transaction"]) and ratio(row, "in_state_seconds") >= limits.idle_in_transaction_seconds
        age = ratio(row, "transaction_age_seconds")
        if not idle and age < limits.long_transaction_seconds:
            continue
        who = f"process {row['pid']}" if row["pid"] is not None else "a prepared transaction"
        yield Finding(
            kind="open_transaction",
            level=WARN if idle else INFO,
            subject=Subject("session", text(row, "pid") or "prepared"),
            detail=f"A transaction of {row['user_name']} ({row['application_name'] or 'no name'}, {who}) is open for "
            f"{duration(age)}" + (", and nothing runs in it." if idle else "."),
            remediation="It keeps its locks, and vacuum from cleaning. Find the code that forgot COMMIT; "
            "idle_in_transaction_session_timeout ends such transactions.",
            evidence=plain(row),
            is_observation=True,
        )


def statements(facts: Facts, limits: Limits) -> Iterator[Finding]:
    """Yields the statements that take most of the time of this database."""
    for row in facts.views.get("statements", ())[: limits.heaviest_statements]:
        yield Finding(
            kind="heavy_statement",
            level=INFO,
            subject=Subject("statement", text(row, "query_id")),
            detail=f"{ratio(row, 'total_time_ratio'):.0%} of all time, {number(row, 'calls'):,} calls of "
            f"{ratio(row, 'mean_exec_time_seconds') * 1000:.1f} ms: {text(row, 'query') or 'text not shown'}",
            remediation="EXPLAIN it with real values; see the view statements for what it reads and writes.",
            evidence=plain(row),
            is_observation=True,
        )
