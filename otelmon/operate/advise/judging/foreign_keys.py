"""Which foreign keys make deletes read a whole table?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate.advise.finding import INFO, WARN, Finding, Subject
from otelmon.operate.advise.index_name import name_for
from otelmon.operate.advise.nodes import plural
from otelmon.operate.advise.supports import supports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from otelmon.operate.advise.facts import Facts, ForeignKey, Table
    from otelmon.operate.advise.limits import Limits


def judge(facts: Facts, limits: Limits) -> Iterator[Finding]:
    """Yields the foreign keys of larger tables that no index supports."""
    seen: set[tuple[int, frozenset[str]]] = set()
    for key in facts.foreign_keys:
        table = facts.tables.get(key.table_oid)
        rows = facts.rows(table) if table else None
        same = (key.table_oid, frozenset(key.columns))
        indexed = any(supports(index, key) for index in facts.indexes_of.get(key.table_oid, ()))
        if table is None or indexed or same in seen or (rows is not None and rows < limits.fewest_rows):
            continue
        seen.add(same)
        yield finding(key, table, facts)


def finding(key: ForeignKey, table: Table, facts: Facts) -> Finding:
    """Returns the judgment on one foreign key."""
    referenced = facts.tables.get(key.referenced_oid)
    activity = facts.activity(referenced) if referenced else None
    deletes, updates = (activity.deletes, activity.updates) if activity else (0, 0)
    rows = facts.rows(table)
    name = name_for(table, key.columns, facts)
    concurrently = "" if table.is_partitioned else "CONCURRENTLY "
    notes = ["Each partition's index is built under a lock; build them concurrently one by one where that matters."]
    doubts = ("the table was never counted: ANALYZE it",) if rows is None else ()
    return Finding(
        kind="missing_foreign_key_index",
        level=WARN if deletes or updates else INFO,
        subject=Subject("constraint", key.name, key.schema, key.table),
        detail=f"No index finds the rows of {key.qualified_table} by ({', '.join(key.columns)}), the columns of "
        f"{key.name}: each delete in {key.referenced} reads {plural(rows, 'row', 'rows') if rows else 'all of it'}. "
        f"Since the statistics began there were {plural(deletes, 'delete', 'deletes')} and "
        f"{plural(updates, 'update', 'updates')}.",
        remediation="Make an index, unless nothing is ever deleted there and nobody joins by these columns.",
        evidence={
            "columns": list(key.columns),
            "referenced_table": key.referenced,
            "referenced_deletes": deletes,
            "referenced_updates": updates,
            "table_rows": rows,
        },
        doubts=doubts,
        mend=(f"CREATE INDEX {concurrently}{name.plain} ON {key.qualified_table} ({', '.join(key.columns)});",),
        undo=(f"DROP INDEX {concurrently}{name.qualified};",),
        notes=tuple(notes) if table.is_partitioned else (),
    )
