"""Tells whether an index does more than answer searches: then it is never advised away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate.advise.supports import supports

if TYPE_CHECKING:
    from collections.abc import Collection

    from otelmon.operate.advise.facts import Facts, Index


def reason_to_stay(index: Index) -> str | None:
    """Returns why an index must stay whatever else there is; None where nothing rests on it."""
    reasons = {
        f"constraint {index.constraint_name} rests on it": index.constraint_name is not None,
        f"foreign key {', '.join(index.referenced_by)} points to it": bool(index.referenced_by),
        "it is the replica identity": index.is_replica_identity,
        "it excludes rows": index.is_exclusion,
        "it belongs to an index of the partitioned table": index.parent_oid is not None,
        "it is not complete": not (index.is_valid and index.is_ready and index.is_live),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def only_support(index: Index, facts: Facts, gone: Collection[int] = ()) -> str | None:
    """Returns the foreign key that no other index of the table supports; None where there is none.

    Args:
        index: the one that may go.
        facts: the database.
        gone: oids of indexes that were advised away before.
    """
    others = [each for each in facts.indexes_of[index.table_oid] if each.oid not in {index.oid, *gone}]
    for key in facts.foreign_keys:
        if key.table_oid == index.table_oid and supports(index, key) and not any(supports(o, key) for o in others):
            return key.name
    return None
