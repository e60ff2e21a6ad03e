"""The evidence that every finding about an index or table carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate.advise.finding import Subject
from otelmon.operate.advise.index_age import age_of
from otelmon.operate.advise.nodes import duration, youngest

if TYPE_CHECKING:
    from otelmon.operate.advise.facts import Facts, Index, Table

KIBIBYTE = 1024


def subject_of(index: Index) -> Subject:
    """Returns an index as what a finding is about."""
    return Subject("index", index.name, index.schema, index.table)


def subject_of_table(table: Table) -> Subject:
    """Returns a table as what a finding is about."""
    return Subject("table", table.name, table.schema)


def evidence_of(index: Index, facts: Facts) -> dict[str, object]:
    """Returns what is known of an index: use on every node, cost, size, age."""
    table = facts.tables.get(index.table_oid)
    activity = facts.activity(table) if table else None
    age = age_of(index, facts.clock)
    return {
        "definition": index.definition,
        "scans": {node.label: scans_on(index, facts, number) for number, node in enumerate(facts.nodes)},
        "statistics_age_seconds": round(youngest(facts.nodes)),
        "size_bytes": size_of(index, facts),
        # An update that stays on its page and changes no indexed column leaves the indexes alone.
        "index_entries_written": activity.inserts + activity.updates - activity.hot_updates if activity else None,
        "table_rows": facts.rows(table) if table else None,
        "index_age_seconds_at_least": rounded(age.at_least),
        "index_age_seconds_at_most": rounded(age.at_most),
    }


def scans_on(index: Index, facts: Facts, node: int) -> int:
    """Returns how often an index with its partitions was scanned on one node."""
    own = facts.nodes[node].index_scans.get((index.schema, index.name), 0)
    return own + sum(scans_on(child, facts, node) for child in facts.index_children.get(index.oid, ()))


def size_of(index: Index, facts: Facts) -> int | None:
    """Returns the size of an index with its partitions; None where any is not known."""
    if not index.is_partitioned:
        return index.size_bytes
    sizes = [size_of(child, facts) for child in facts.index_children.get(index.oid, ())]
    return None if None in sizes else sum(size for size in sizes if size is not None)


def cost(index: Index, facts: Facts) -> str:
    """Returns size and write cost of an index as a sentence says them."""
    known = evidence_of(index, facts)
    size, written = known["size_bytes"], known["index_entries_written"]
    how_large = bytes_shown(size) if isinstance(size, int) else "a size not known before the next vacuum or analyze"
    return f"It has {how_large}, and {written:,} entries were written to it" if written else f"It has {how_large}"


def since(facts: Facts) -> str:
    """Returns for how long all nodes have counted, and how many they are."""
    nodes = "1 node" if len(facts.nodes) == 1 else f"{len(facts.nodes)} nodes"
    return f"in {duration(youngest(facts.nodes))} on {nodes}"


def bytes_shown(size: float) -> str:
    """Returns a size as people read it."""
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if size < KIBIBYTE:
            return f"{size:.0f} {unit}"
        size /= KIBIBYTE
    return f"{size:.1f} TiB"


def rounded(seconds: float | None) -> int | None:
    """Returns whole seconds."""
    return None if seconds is None else round(seconds)
