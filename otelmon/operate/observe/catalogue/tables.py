"""What tables hold and how they are used and cleaned."""

from __future__ import annotations

from otelmon.operate.observe.look import Look, Measure
from otelmon.signals.postgresql import DATABASE, OURS, TABLE

EACH_MINUTE, SELDOM, RARELY = 60.0, 300.0, 900.0
# As the semantic conventions write it for PostgreSQL: database and schema.
NAMESPACE = (DATABASE, "current_database() || '|' || schema_name")

TABLES = (
    Look(
        "table_activity",
        EACH_MINUTE,
        (
            Measure("postgresql.operations", "inserts", (("operation", "ins"),)),
            Measure("postgresql.operations", "updates", (("operation", "upd"),)),
            Measure("postgresql.operations", "deletes", (("operation", "del"),)),
            Measure("postgresql.operations", "hot_updates", (("operation", "hot_upd"),)),
            Measure("postgresql.rows", "live_tuples", (("state", "live"),)),
            Measure("postgresql.rows", "dead_tuples", (("state", "dead"),)),
            Measure("postgresql.sequential_scans", "sequential_scans"),
            Measure("postgresql.table.size", "estimated_size_bytes"),
            Measure("postgresql.table.vacuum.count", "vacuums"),
            Measure(f"{OURS}table.autovacuum.count", "autovacuums"),
        ),
        labels=(NAMESPACE, (TABLE, "table_name")),
        order="estimated_size_bytes DESC",
    ),
    Look(
        "vacuum",
        SELDOM,
        (
            Measure(f"{OURS}vacuum.due", "count(*) FILTER (WHERE vacuum_due)"),
            Measure(f"{OURS}vacuum.disabled", "count(*) FILTER (WHERE NOT autovacuum_enabled)"),
            Measure(f"{OURS}dead_tuples", "sum(dead_tuples)"),
        ),
    ),
    Look(
        "sequential_scans",
        SELDOM,
        (Measure(f"{OURS}sequential_scan.tables", "count(*) FILTER (WHERE sequential_scan_ratio > 0.5)"),),
    ),
    Look(
        "bloat",
        RARELY,
        (
            Measure(f"{OURS}bloat.size", "sum(bloat_bytes)"),
            Measure(f"{OURS}bloat.unknown", "count(cannot_tell_reason)"),
        ),
    ),
)
