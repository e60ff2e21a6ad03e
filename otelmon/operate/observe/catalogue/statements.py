"""What statements cost, whether that can be told, and what the history has opened alerts for."""

from __future__ import annotations

from otelmon.operate.observe.look import Look, Measure
from otelmon.signals.postgresql import DATABASE, OURS, QUERY_ID, ROLE

# What alerts judge comes twice in the shortest window that they look at.
EACH_HALF_MINUTE, EACH_MINUTE, SELDOM = 30.0, 60.0, 300.0

STATEMENTS = (
    Look(
        "extensions",
        EACH_MINUTE,
        (Measure(f"{OURS}extension.up", "(state = 'ok')::integer"),),
        labels=(("postgresql.extension.name", "extension_name"),),
        watched=("extension_name", "state"),
    ),
    Look(
        "statement_totals",
        EACH_MINUTE,
        (
            Measure("postgresql.query.execution.time", "total_exec_time_seconds"),
            Measure(f"{OURS}statements.calls", "calls"),
            Measure(f"{OURS}statements.rows", "rows"),
            Measure(f"{OURS}statements.kept", "statements"),
            Measure(f"{OURS}statements.evicted", "evictions"),
        ),
        labels=((DATABASE, "database_name"),),
        where="database_name = current_database()",
        reset_at="reset_at",
        shrinks=True,
    ),
    Look(
        "statements",
        EACH_HALF_MINUTE,
        (
            Measure(f"{OURS}statement.calls", "calls"),
            Measure(f"{OURS}statement.time", "total_exec_time_seconds"),
            Measure(f"{OURS}statement.rows", "rows"),
            Measure(f"{OURS}statement.read", "shared_read_bytes"),
            Measure(f"{OURS}statement.temporary", "temp_written_bytes"),
        ),
        labels=((QUERY_ID, "query_id"), (ROLE, "user_name")),
        where="top_level",
        order="total_exec_time_seconds DESC",
        reset_at="stats_since",
    ),
    Look("slow_statements", SELDOM, (Measure(f"{OURS}statements.slow", "count(*)"),)),
    Look(
        "alerts",
        EACH_MINUTE,
        (Measure(f"{OURS}alert.open", "count(*)"),),
        labels=(("type", "alert_type"), ("severity", "severity")),
        where="is_open",
        grouped=True,
    ),
)
