"""Which tables are read from end to end, unknown to the planner, or full of dead rows?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate.advise.finding import INFO, WARN, Finding, Subject
from otelmon.operate.advise.judging.evidence import bytes_shown, subject_of_table
from otelmon.operate.advise.judging.reading import number, ratio, text
from otelmon.operate.advise.nodes import doubts_about, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from otelmon.operate.advise.facts import Facts, Row, Table
    from otelmon.operate.advise.limits import Limits


def read_sequentially(facts: Facts, limits: Limits) -> Iterator[Finding]:
    """Yields large tables of whose reads too many are of the whole; one never read by index counts too."""
    doubts = tuple(doubt for doubt in doubts_about(facts.nodes, limits) if "old" in doubt)
    for table in facts.tables.values():
        activity, by_index, rows = facts.activity(table), facts.index_scans_of(table), table.rows or 0
        scans = activity.sequential_scans
        often = scans >= limits.fewest_sequential_scans and scans >= limits.sequential_share * (scans + by_index)
        # Scans that end early, such as those of EXISTS or LIMIT, read few rows each.
        wide = scans > 0 and activity.sequential_tuples_read / scans >= limits.fewest_rows
        if table.is_partitioned or rows < limits.fewest_rows_read_sequentially or not often or not wide:
            continue
        yield sequential(table, facts, doubts)


def sequential(table: Table, facts: Facts, doubts: tuple[str, ...]) -> Finding:
    """Returns the judgment on one table, with the statements that name it."""
    activity, by_index = facts.activity(table), facts.index_scans_of(table)
    statements = [text(row, "query") for row in facts.views.get("statements", ()) if table.name in text(row, "query")]
    return Finding(
        kind="sequential_scans",
        level=WARN,
        subject=subject_of_table(table),
        detail=f"Table {table.qualified} of {plural(table.rows or 0, 'row', 'rows')} was read from end to end "
        f"{activity.sequential_scans:,} times, by index {by_index:,} times.",
        remediation="Look at what filters or joins it: EXPLAIN its statements, then index the columns they search by.",
        evidence={
            "sequential_scans": activity.sequential_scans,
            "sequential_tuples_read": activity.sequential_tuples_read,
            "index_scans": by_index,
            "table_rows": table.rows,
            "statements_that_name_it": statements[:3],
        },
        doubts=doubts,
    )


def never_analyzed(facts: Facts, limits: Limits) -> Iterator[Finding]:
    """Yields tables of some size that have no statistics; partitioned ones get none by autovacuum."""
    for table in facts.tables.values():
        rows = facts.rows(table)
        if table.was_analyzed or rows is None or rows < limits.fewest_rows:
            continue
        why = ", which autovacuum does not do for partitioned tables" if table.is_partitioned else ""
        yield Finding(
            kind="never_analyzed",
            level=INFO if table.is_partitioned else WARN,
            subject=subject_of_table(table),
            detail=f"Table {table.qualified} of about {rows:,} rows was never analyzed{why}: plans for it are guesses.",
            remediation="Analyze it once, and see why autovacuum did not.",
            evidence={"table_rows": rows},
            mend=(f"ANALYZE {table.qualified};",),
        )


def vacuum_needed(facts: Facts, limits: Limits) -> Iterator[Finding]:
    """Yields tables whose dead rows are due while nothing cleans them."""
    for row in facts.views.get("vacuum", ()):
        off, never = not row["autovacuum_enabled"], row["last_vacuum_at"] is None
        due = bool(row["vacuum_due"]) and not row["is_being_vacuumed"] and (off or never)
        if not due or number(row, "dead_tuples") < limits.fewest_rows:
            continue
        name = ".".join((text(row, "schema_name"), text(row, "table_name")))
        yield Finding(
            kind="vacuum_needed",
            level=WARN if off else INFO,
            subject=Subject("table", text(row, "table_name"), text(row, "schema_name")),
            detail=f"Table {name} has {number(row, 'dead_tuples'):,} dead rows ({ratio(row, 'dead_ratio'):.0%}), above "
            f"its threshold of {number(row, 'vacuum_threshold_tuples'):,}; autovacuum is {'off' if off else 'on'}, and "
            f"the last vacuum was {'never' if never else row['last_vacuum_at']}.",
            remediation="Switch autovacuum on, or find what holds it back (open transactions, slots).",
            evidence=plain(row),
        )


def bloat(facts: Facts, limits: Limits) -> Iterator[Finding]:
    """Yields tables of which most is empty, by estimate."""
    for row in facts.views.get("bloat", ()):
        size, empty = number(row, "bloat_bytes"), ratio(row, "bloat_ratio")
        if size < limits.bloat_bytes or empty < limits.bloat_ratio:
            continue
        name = ".".join((text(row, "schema_name"), text(row, "table_name")))
        yield Finding(
            kind="bloat",
            level=INFO,
            subject=Subject("table", text(row, "table_name"), text(row, "schema_name")),
            detail=f"Of table {name} about {bytes_shown(size)} ({empty:.0%}) hold no live row.",
            remediation="Measure with pgstattuple first. New rows fill the space; VACUUM FULL gives it back, under a "
            "lock on the table, and pg_repack does without.",
            evidence=plain(row),
        )


def plain(row: Row) -> dict[str, object]:
    """Returns a row as evidence: what JSON knows, as it is, and the rest as text."""
    known = (bool, int, float, str, type(None))
    return {name: value if isinstance(value, known) else str(value) for name, value in row.items()}
