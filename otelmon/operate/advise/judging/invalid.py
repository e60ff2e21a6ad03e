"""Which indexes answer no query because their build failed?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from otelmon.operate.advise import restore
from otelmon.operate.advise.finding import INFO, WARN, Finding
from otelmon.operate.advise.judging.evidence import evidence_of, subject_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from otelmon.operate.advise.facts import Facts, Index
    from otelmon.operate.advise.limits import Limits

# REINDEX CONCURRENTLY names what it builds, and what it replaces, in this way.
_LEFT_OVER = re.compile(r"_cc(new|old)\d*$")
HIDDEN = "this role may not see whether it is being built now (GRANT pg_monitor)"


def judge(facts: Facts, limits: Limits) -> Iterator[Finding]:  # noqa: ARG001 - every judge is called alike
    """Yields the indexes that are not complete and that nobody works on."""
    for index in facts.indexes:
        complete = index.is_valid and index.is_ready and index.is_live
        if complete or index.is_being_built or index.parent_oid is not None:
            continue
        yield on_partitioned(index, facts) if index.is_partitioned else on_table(index, facts)


def on_table(index: Index, facts: Facts) -> Finding:
    """Returns the judgment on what a failed build left: another try, or an end where it is not needed."""
    others = facts.indexes_of[index.table_oid]
    twin = next((each for each in others if each.is_valid and each.key == index.key and is_like(each, index)), None)
    left_over = _LEFT_OVER.search(index.name) is not None or twin is not None
    again = (f"REINDEX INDEX CONCURRENTLY {index.qualified};",)
    return Finding(
        kind="invalid_index",
        level=WARN,
        subject=subject_of(index),
        detail=f"Index {index.qualified} answers no query"
        + (" but every write pays for it." if index.is_ready else "; its build stopped half-way."),
        remediation=f"Drop it: {twin.qualified if twin else 'the one that it was to replace'} is complete."
        if left_over
        else "Build it again, or drop it. A unique one fails again as long as there are equal rows.",
        evidence=evidence_of(index, facts),
        doubts=() if facts.nodes[0].sees_others else (HIDDEN,),
        mend=restore.drop(index) if left_over else again,
        undo=restore.create(index, facts) if left_over else (),
    )


def is_like(other: Index, index: Index) -> bool:
    """Tells whether a complete index does what the incomplete one was to do."""
    same = (other.method, other.included, other.predicate) == (index.method, index.included, index.predicate)
    return same and (other.is_unique or not index.is_unique)


def on_partitioned(index: Index, facts: Facts) -> Finding:
    """Returns the judgment on an index of a partitioned table that waits for partitions."""
    return Finding(
        kind="invalid_index",
        level=INFO,
        subject=subject_of(index),
        detail=f"Index {index.qualified} of a partitioned table is not complete: "
        f"{len(facts.index_children.get(index.oid, ()))} partitions have theirs attached.",
        remediation="Make the index on each partition that lacks it (CREATE INDEX CONCURRENTLY), then "
        "ALTER INDEX ... ATTACH PARTITION.",
        evidence=evidence_of(index, facts),
    )
