"""Writes the statements that drop an index and that bring back the very same one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from otelmon.operate.advise.facts import Facts, Index

_CREATE = re.compile(r"^CREATE (UNIQUE )?INDEX ")


def drop(index: Index) -> tuple[str, ...]:
    """Returns how to drop an index; one of a partitioned table cannot go concurrently."""
    return (f"DROP INDEX {'' if index.is_partitioned else 'CONCURRENTLY '}{index.qualified};",)


def create(index: Index, facts: Facts) -> tuple[str, ...]:
    """Returns how to make an index again, with tablespace, storage parameters, comment and cluster mark.

    One of a partitioned table is made on the parent alone, then on each partition concurrently, then attached.
    """
    statements = [definition(index)]
    for child in facts.index_children.get(index.oid, ()):
        statements += create(child, facts)
        statements.append(f"ALTER INDEX {index.qualified} ATTACH PARTITION {child.qualified};")
    return (*statements, *index.afterwards)


def definition(index: Index) -> str:
    """Returns the whole definition as a statement that does not stop writers."""
    text = index.definition
    if not index.is_partitioned:
        text = _CREATE.sub(lambda match: f"{match.group(0)}CONCURRENTLY ", text)
    if index.tablespace is None:
        return f"{text};"
    condition = f" WHERE {index.predicate}" if index.predicate else ""
    return f"{text.removesuffix(condition)} TABLESPACE {index.tablespace}{condition};"
