"""Finds a name for an index that is to be made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from otelmon.operate.advise.facts import Facts, Table

# NAMEDATALEN less the end of the string, and room for a number.
LONGEST = 59


@dataclass(frozen=True, slots=True)
class IndexName:
    """Holds a new name as it is written in CREATE INDEX and in DROP INDEX; both quoted."""

    plain: str
    qualified: str


def name_for(table: Table, columns: Sequence[str], facts: Facts) -> IndexName:
    """Returns a name made of table and columns that no index of the schema has yet."""
    unquoted = [column.strip('"').replace('""', '"') for column in columns]
    base = "_".join([table.name, *unquoted, "idx"]).encode()[:LONGEST].decode(errors="ignore")
    taken = {index.name for index in facts.indexes if index.schema == table.schema}
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    return IndexName(quoted(name), f"{quoted(table.schema)}.{quoted(name)}")


def quoted(name: str) -> str:
    """Returns a name in quotation marks, which is always right."""
    return '"' + name.replace('"', '""') + '"'
