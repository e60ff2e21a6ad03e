"""How indexes are used, and which are of no use."""

from __future__ import annotations

from otelmon.operate.observe.look import Look, Measure
from otelmon.signals.postgresql import DATABASE, INDEX, OURS, TABLE

SELDOM, RARELY = 300.0, 900.0
FINDINGS, SIZE = f"{OURS}index.findings", f"{OURS}index.findings.size"


def _findings(view: str, kind: str) -> Look:
    attributes = (("kind", kind),)
    return Look(
        view,
        RARELY,
        (
            Measure(FINDINGS, "count(*)", attributes),
            Measure(SIZE, "COALESCE(sum(estimated_size_bytes), 0)", attributes),
        ),
    )


INDEXES = (
    Look(
        "index_usage",
        SELDOM,
        (Measure("postgresql.index.scans", "index_scans"), Measure("postgresql.index.size", "estimated_size_bytes")),
        labels=(
            (DATABASE, "current_database() || '|' || schema_name"),
            (TABLE, "table_name"),
            (INDEX, "index_name"),
        ),
        order="index_scans DESC",
    ),
    _findings("unused_indexes", "unused"),
    _findings("duplicate_indexes", "duplicate"),
    _findings("redundant_indexes", "redundant"),
    _findings("invalid_indexes", "invalid"),
    Look(
        "missing_foreign_key_indexes",
        RARELY,
        (Measure(FINDINGS, "count(*)", (("kind", "missing"),)),),
    ),
)
