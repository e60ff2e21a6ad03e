"""What sessions do now: read often."""

from __future__ import annotations

from otelmon.operate.observe.look import Look, Measure
from otelmon.signals.postgresql import APPLICATION, DATABASE, OURS, STATE, USER, WAIT

OFTEN = 15.0
IDLE_SECONDS = "COALESCE(in_state_seconds, transaction_age_seconds)"

SESSIONS = (
    Look(
        "connections",
        OFTEN,
        (
            Measure("postgresql.connection.max", "max_connections"),
            Measure(f"{OURS}connection.count", "active_connections", ((STATE, "active"),)),
            Measure(f"{OURS}connection.count", "idle_connections", ((STATE, "idle"),)),
            Measure(f"{OURS}connection.count", "idle_in_transaction_connections", ((STATE, "idle in transaction"),)),
            Measure(f"{OURS}connection.count", "other_connections", ((STATE, "other"),)),
            Measure(f"{OURS}connection.available", "available_connections"),
            Measure(f"{OURS}connection.utilization", "utilization_ratio"),
            Measure(f"{OURS}connection.lock_waiting", "lock_waiting_connections"),
        ),
    ),
    Look(
        "sessions",
        OFTEN,
        (Measure(f"{OURS}session.count", "sum(sessions)"),),
        labels=(
            (DATABASE, "database_name"),
            (USER, "user_name"),
            (APPLICATION, "application_name"),
            (STATE, "state"),
            (WAIT, "wait_event_type"),
        ),
        order="sum(sessions) DESC",
        grouped=True,
    ),
    Look(
        "open_transactions",
        OFTEN,
        (
            Measure(f"{OURS}transaction.open", "1", fold="count"),
            Measure(f"{OURS}transaction.longest", "transaction_age_seconds", fold="max"),
            Measure(f"{OURS}transaction.idle", "idle_in_transaction::integer", fold="sum"),
            Measure(
                f"{OURS}transaction.idle.longest",
                f"CASE WHEN idle_in_transaction THEN {IDLE_SECONDS} END",
                fold="max",
            ),
            Measure(f"{OURS}xmin.age", "xmin_age_transactions", fold="max"),
        ),
        order="transaction_age_seconds DESC",
        limit=1000,
        watched=(
            "pid",
            "database_name",
            "user_name",
            "application_name",
            "state",
            "idle_in_transaction",
            "in_state_seconds",
            "transaction_age_seconds",
            "query_id",
        ),
    ),
    Look(
        "blocking",
        OFTEN,
        (
            Measure(f"{OURS}blocked.count", "1", fold="count"),
            Measure(f"{OURS}blocked.longest", "wait_seconds", fold="max"),
        ),
        order="wait_seconds DESC",
        limit=1000,
        watched=(
            "root_pid",
            "root_user_name",
            "root_application_name",
            "root_state",
            "root_query_id",
            "root_transaction_seconds",
            "wait_seconds",
            "lock_type",
            "lock_mode",
            "relation_name",
        ),
    ),
    Look(
        "locks",
        OFTEN,
        (Measure("postgresql.database.locks", "sum(locks)"),),
        labels=((DATABASE, "database_name"), ("mode", "lock_mode"), ("lock_type", "lock_type")),
        order="sum(locks) DESC",
        grouped=True,
    ),
)
