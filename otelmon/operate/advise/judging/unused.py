"""Which indexes does nobody read?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate.advise import restore
from otelmon.operate.advise.finding import INFO, WARN, Finding
from otelmon.operate.advise.index_age import age_of
from otelmon.operate.advise.judging.evidence import cost, evidence_of, since, size_of, subject_of
from otelmon.operate.advise.limits import MEBIBYTE
from otelmon.operate.advise.needed import only_support, reason_to_stay
from otelmon.operate.advise.nodes import doubts_about, duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from otelmon.operate.advise.facts import Facts, Index
    from otelmon.operate.advise.limits import Limits

REMEDIATION = "Drop it, and keep the statement that brings it back."


def judge(facts: Facts, limits: Limits) -> Iterator[Finding]:
    """Yields the indexes that no node has scanned, that enforce nothing and that are worth a word."""
    general = doubts_about(facts.nodes, limits)
    gone: set[int] = set()
    for index in facts.indexes:
        size = size_of(index, facts)
        tiny = size is not None and size < limits.smallest_index_bytes
        if index.is_unique or tiny or reason_to_stay(index) or facts.scans(index) or only_support(index, facts, gone):
            continue
        gone.add(index.oid)
        yield finding(index, facts, (*general, *own_doubts(index, facts, limits)))


def finding(index: Index, facts: Facts, doubts: tuple[str, ...]) -> Finding:
    """Returns the judgment on one index."""
    size = size_of(index, facts)
    return Finding(
        kind="unused_index",
        level=WARN if size is not None and size >= MEBIBYTE else INFO,
        subject=subject_of(index),
        detail=f"Nobody has read index {index.qualified} {since(facts)}. {cost(index, facts)}.",
        remediation=REMEDIATION,
        evidence=evidence_of(index, facts),
        doubts=doubts,
        mend=restore.drop(index),
        undo=restore.create(index, facts),
        notes=tuple(notes(index, facts)),
    )


def own_doubts(index: Index, facts: Facts, limits: Limits) -> Iterator[str]:
    """Yields why no use of this index is no proof."""
    at_most = age_of(index, facts.clock).at_most
    if at_most is not None and at_most < limits.min_age_seconds:
        yield f"the index is {duration(at_most)} old at most, younger than {duration(limits.min_age_seconds)}"
    table = facts.tables.get(index.table_oid)
    if table and not facts.activity(table).sequential_scans and not facts.index_scans_of(table):
        yield "nobody has read the table at all"
    if index.is_partitioned and "locked tables" in facts.unread:
        yield "some tables were locked and not read, partitions of this one perhaps among them"
    if index.is_clustered:
        yield "CLUSTER orders the table by it"


def notes(index: Index, facts: Facts) -> Iterator[str]:
    """Yields what to know before dropping it."""
    if age_of(index, facts.clock).at_most is None:
        yield "How old the index is cannot be told: otelmon has no snapshot from before it (otelmon sql snapshot)."
    if index.has_expressions:
        yield "ANALYZE keeps statistics for its expressions, which go with it: CREATE STATISTICS can replace them."
    if index.is_partitioned:
        yield "An index of a partitioned table cannot be dropped concurrently: this locks all partitions for a moment."
