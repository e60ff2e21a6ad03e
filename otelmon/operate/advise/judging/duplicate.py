"""Which indexes are the same as another one?"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from otelmon.operate.advise import restore
from otelmon.operate.advise.finding import INFO, WARN, Finding
from otelmon.operate.advise.judging.evidence import cost, evidence_of, subject_of
from otelmon.operate.advise.needed import reason_to_stay

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from otelmon.operate.advise.facts import Facts, Index
    from otelmon.operate.advise.limits import Limits


def judge(facts: Facts, limits: Limits) -> Iterator[Finding]:  # noqa: ARG001 - every judge is called alike
    """Yields what can go of each set of equal indexes, never the last one that enforces something."""
    for same in groups(facts):
        kept = min(same, key=lambda index: worth(index, facts))
        others = [index for index in same if index is not kept]
        yield from (
            duplicate(each, kept, facts) for each in others if not reason_to_stay(each) and replaces(kept, each)
        )
        yield from (constraint(each, kept, facts) for each in others if is_second_constraint(each, kept))


def groups(facts: Facts) -> list[Sequence[Index]]:
    """Returns the sets of two or more complete indexes that answer the same searches."""
    found: dict[Hashable, list[Index]] = defaultdict(list)
    for index in facts.indexes:
        if index.is_valid and index.is_live and not index.is_exclusion:
            found[index.table_oid, index.method, index.key, index.included, index.predicate].append(index)
    return [same for same in found.values() if len(same) > 1]


def worth(index: Index, facts: Facts) -> tuple[object, ...]:
    """Returns what sorts the one to keep first: what more rests on, then what is used more, then the older one."""
    return (
        index.parent_oid is None,
        index.constraint_type != "p",
        not index.referenced_by,
        not index.is_replica_identity,
        index.constraint_name is None,
        not index.is_unique,
        not index.is_clustered,
        -facts.scans(index),
        index.oid,
    )


def replaces(kept: Index, index: Index) -> bool:
    """Tells whether one index enforces at least what the other does."""
    if not index.is_unique:
        return True
    return kept.is_unique and kept.is_immediate and kept.nulls_not_distinct == index.nulls_not_distinct


def is_second_constraint(index: Index, kept: Index) -> bool:
    """Tells whether two constraints enforce the same and nothing else rests on the second."""
    both = index.constraint_type == "u" and kept.constraint_type in ("p", "u") and index.parent_oid is None
    return both and not index.referenced_by and not index.is_replica_identity and replaces(kept, index)


def duplicate(index: Index, kept: Index, facts: Facts) -> Finding:
    """Returns the judgment on an index that another one replaces."""
    return Finding(
        kind="duplicate_index",
        level=WARN,
        subject=subject_of(index),
        detail=f"Index {index.qualified} is the same as {kept.qualified}. {cost(index, facts)}.",
        remediation=f"Drop it; {kept.qualified} answers the same searches.",
        evidence={**evidence_of(index, facts), "kept": kept.name, "kept_definition": kept.definition},
        mend=restore.drop(index),
        undo=restore.create(index, facts),
    )


def constraint(index: Index, kept: Index, facts: Facts) -> Finding:
    """Returns the judgment on a constraint that repeats another; to drop one is for people to decide."""
    return Finding(
        kind="duplicate_constraint",
        level=INFO,
        subject=subject_of(index),
        detail=f"Constraint {index.constraint_name} of {index.qualified_table} enforces what {kept.constraint_name} "
        f"does, with an index of its own. {cost(index, facts)}.",
        remediation="Decide which of the two says what is meant. No statement is offered: a constraint is a promise "
        "about the data, and ON CONFLICT ON CONSTRAINT may name it.",
        evidence={**evidence_of(index, facts), "kept": kept.name},
    )
