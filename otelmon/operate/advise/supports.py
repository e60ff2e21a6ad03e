"""Tells whether an index can find the rows of a foreign key."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from otelmon.operate.advise.facts import ForeignKey, Index

METHODS = ("btree", "hash")


def supports(index: Index, key: ForeignKey) -> bool:
    """Tells whether the search for referencing rows can use an index.

    Its first columns are those of the key in any order, with the collations of the columns; included columns cannot be
    searched. A condition must follow from the search itself, as IS NOT NULL of one of its columns does.
    """
    size = len(key.columns)
    first = {(part.text, part.collation) for part in index.key[:size]}
    return (
        index.table_oid == key.table_oid
        and index.is_valid
        and index.method in METHODS
        and len(index.key) >= size
        and (index.method == "btree" or len(index.key) == size)
        and first == set(zip(key.columns, key.collations, strict=True))
        and follows(index.predicate, key.columns)
    )


def follows(predicate: str | None, columns: tuple[str, ...]) -> bool:
    """Tells whether every row that a search for values of these columns finds is in an index of this condition."""
    return predicate is None or predicate in {f"({column} IS NOT NULL)" for column in columns}
