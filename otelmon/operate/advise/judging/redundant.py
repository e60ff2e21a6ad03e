"""Which indexes does a wider one make unnecessary?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate.advise import restore
from otelmon.operate.advise.finding import INFO, WARN, Finding
from otelmon.operate.advise.judging.evidence import bytes_shown, cost, evidence_of, size_of, subject_of
from otelmon.operate.advise.needed import reason_to_stay

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from otelmon.operate.advise.facts import Facts, Index, KeyPart
    from otelmon.operate.advise.limits import Limits

# Descending and nulls first at once: the same order read backwards.
BACKWARDS = 3


def judge(facts: Facts, limits: Limits) -> Iterator[Finding]:
    """Yields the b-tree indexes that are the beginning of another one of the same table and condition."""
    for index in facts.indexes:
        if index.method != "btree" or index.is_unique or reason_to_stay(index):
            continue
        wider = [each for each in facts.indexes_of[index.table_oid] if covers(each, index)]
        if wider:
            yield finding(index, min(wider, key=lambda each: (len(each.key), each.oid)), facts, limits)


def covers(wide: Index, index: Index) -> bool:
    """Tells whether a wider index answers every search of another; equal ones are a question of their own."""
    same_kind = wide.method == index.method and wide.predicate == index.predicate and not wide.is_exclusion
    if not same_kind or not wide.is_valid or not wide.is_live or wide.oid == index.oid:
        return False
    equal = wide.key == index.key and wide.included == index.included
    there = wide.included | {part.text for part in wide.key}
    if equal or not begins(wide.key, index.key) or not index.included <= there:
        return False
    # Of two that are the same read backwards, the older one stays.
    return len(wide.key) > len(index.key) or len(wide.included) > len(index.included) or is_before(wide, index)


def is_before(wide: Index, index: Index) -> bool:
    """Tells which of two equally wide indexes stays."""
    return (not wide.is_unique, wide.oid) < (not index.is_unique, index.oid)


def begins(wide: Sequence[KeyPart], narrow: Sequence[KeyPart]) -> bool:
    """Tells whether one key is the first part of another, in the same order or wholly in the opposite one."""
    first = list(wide[: len(narrow)])
    return first in (list(narrow), [reversed_part(part) for part in narrow])


def reversed_part(part: KeyPart) -> KeyPart:
    """Returns a part of a key as it is read backwards."""
    return type(part)(part.text, part.family, part.input_type, part.collation, part.option ^ BACKWARDS, part.parameters)


def finding(index: Index, wide: Index, facts: Facts, limits: Limits) -> Finding:
    """Returns the judgment on one index."""
    size, other = size_of(index, facts), size_of(wide, facts)
    doubts = []
    if size and other and other > limits.most_times_larger * size and facts.scans(index):
        doubts.append(f"{wide.qualified} has {bytes_shown(other)}: reading that instead may cost more than this saves")
    return Finding(
        kind="redundant_index",
        level=INFO if facts.scans(index) else WARN,
        subject=subject_of(index),
        detail=f"Index {index.qualified} is the beginning of {wide.qualified}. {cost(index, facts)}.",
        remediation=f"Drop it; {wide.qualified} answers the same searches, a little slower because it is larger.",
        evidence={
            **evidence_of(index, facts), "covering": wide.name, "covering_definition": wide.definition,
            "covering_size_bytes": other,
        },
        doubts=tuple(doubts),
        mend=restore.drop(index),
        undo=restore.create(index, facts),
    )  # fmt: skip
