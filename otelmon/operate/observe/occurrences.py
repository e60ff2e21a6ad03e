"""What in the rows of a view is worth an event: pure functions from rows to events by key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate.observe.points import number
from otelmon.signals import postgresql as names
from otelmon.signals import postgresql_events as events

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    Row = Mapping[str, object]
    Found = dict[Hashable, dict[str, str | int | float | bool]]

OURS = names.OURS
BLOCKED_SECONDS = 1.0
IDLE_SECONDS = 60.0
WRAPAROUND_RATIO = 0.5


def blocking(rows: Sequence[Row]) -> Found:
    """Returns each chain by its root, described with the wait that is longest."""
    found: Found = {}
    for row in sorted(rows, key=lambda each: -_seconds(each, "wait_seconds")):
        root = row["root_pid"]
        if root in found:
            found[root][f"{OURS}blocked.count"] = int(found[root][f"{OURS}blocked.count"]) + 1
        elif _seconds(row, "wait_seconds") >= BLOCKED_SECONDS:
            found[root] = _chain(row)
    return found


def _chain(row: Row) -> dict[str, str | int | float | bool]:
    return _known(
        {
            "postgresql.pid": row["root_pid"],
            names.USER: row["root_user_name"],
            names.APPLICATION: row["root_application_name"],
            names.STATE: row["root_state"],
            names.QUERY_ID: _text(row["root_query_id"]),
            f"{OURS}transaction.age": row["root_transaction_seconds"],
            f"{OURS}blocked.count": 1,
            f"{OURS}blocked.longest": row["wait_seconds"],
            "postgresql.blocking.lock.type": row["lock_type"],
            "postgresql.blocking.lock.mode": row["lock_mode"],
            "postgresql.blocking.lock.relation": row["relation_name"],
        }
    )


def idle_in_transaction(rows: Sequence[Row]) -> Found:
    """Returns each transaction that has been idle for long, by its process; prepared ones by database and user."""
    found: Found = {}
    for row in rows:
        seconds = _seconds(row, "in_state_seconds") or _seconds(row, "transaction_age_seconds")
        if row["idle_in_transaction"] and seconds >= IDLE_SECONDS:
            found[row["pid"] or (row["database_name"], row["user_name"])] = _known(
                {
                    "postgresql.pid": row["pid"],
                    names.DATABASE: row["database_name"],
                    names.USER: row["user_name"],
                    names.APPLICATION: row["application_name"],
                    names.STATE: row["state"],
                    names.QUERY_ID: _text(row["query_id"]),
                    f"{OURS}transaction.age": row["transaction_age_seconds"],
                    f"{OURS}transaction.idle.longest": seconds,
                }
            )
    return found


def wraparound(rows: Sequence[Row]) -> Found:
    """Returns each database that has used half of its ids."""
    return {
        row["database_name"]: _known(
            {
                names.DATABASE: row["database_name"],
                f"{OURS}wraparound.used": row["used_ratio"],
                f"{OURS}transaction_id.age": row["transaction_id_age"],
            }
        )
        for row in rows
        if _seconds(row, "used_ratio") >= WRAPAROUND_RATIO
    }


def inactive_slots(rows: Sequence[Row]) -> Found:
    """Returns each slot from which nobody receives."""
    return {
        row["slot_name"]: _known(
            {
                names.SLOT: row["slot_name"],
                f"{OURS}replication_slot.retained": row["retained_bytes"],
                f"{OURS}replication_slot.wal_status": row["wal_status"],
            }
        )
        for row in rows
        if row["active"] is False
    }


# View, event, function, and how many looks in a row must show it.
WATCHED: Mapping[str, tuple[str, Callable[[Sequence[Row]], Found], int]] = {
    "blocking": (events.BLOCKING, blocking, 1),
    "open_transactions": (events.IDLE_IN_TRANSACTION, idle_in_transaction, 1),
    "wraparound": (events.WRAPAROUND, wraparound, 1),
    "replication_slots": (events.SLOT_INACTIVE, inactive_slots, 2),
}


def _seconds(row: Row, column: str) -> float:
    return float(number(row[column]) or 0)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _known(values: Mapping[str, object]) -> dict[str, str | int | float | bool]:
    """Returns the values that are known, as telemetry can carry them."""
    plain = {name: value if isinstance(value, (str, bool)) else number(value) for name, value in values.items()}
    return {name: value for name, value in plain.items() if value is not None}
