"""The facts that advice rests on, as one transaction on each node read them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class KeyPart:
    """Holds one column or expression of an index, and what decides which searches it can answer.

    ``option`` has the bits 1 (descending) and 2 (nulls first) of ``pg_index.indoption``. Operator classes are compared
    by family and input type, because several names can stand for the same class.
    """

    text: str
    family: int
    input_type: int
    collation: int
    option: int
    parameters: str | None = None


@dataclass(frozen=True, slots=True)
class Index:
    """Holds one index; sizes are those of the last vacuum, analyze or build, None where nothing is known."""

    oid: int
    table_oid: int
    schema: str
    table: str
    name: str
    method: str
    key: tuple[KeyPart, ...]
    included: frozenset[str]
    predicate: str | None
    definition: str
    is_unique: bool
    is_immediate: bool
    nulls_not_distinct: bool
    is_exclusion: bool
    is_replica_identity: bool
    is_clustered: bool
    has_expressions: bool
    is_valid: bool
    is_ready: bool
    is_live: bool
    is_being_built: bool
    is_partitioned: bool
    parent_oid: int | None
    constraint_name: str | None
    constraint_type: str | None
    referenced_by: tuple[str, ...]
    size_bytes: int | None
    age_transactions: int
    age_seconds: float | None
    tablespace: str | None
    afterwards: tuple[str, ...]
    qualified: str
    qualified_table: str


@dataclass(frozen=True, slots=True)
class Table:
    """Holds one table, partition, partitioned table or materialized view; rows are estimates, None: never counted."""

    oid: int
    schema: str
    name: str
    qualified: str
    is_partitioned: bool
    parent_oid: int | None
    rows: int | None
    was_analyzed: bool
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Holds a foreign key with its columns as they stand in index definitions, and the collation of each."""

    schema: str
    table: str
    name: str
    table_oid: int
    referenced_oid: int
    referenced: str
    columns: tuple[str, ...]
    collations: tuple[int, ...]
    qualified_table: str


@dataclass(frozen=True, slots=True)
class Activity:
    """Holds what one node counted of a table since its statistics began."""

    sequential_scans: int = 0
    sequential_tuples_read: int = 0
    inserts: int = 0
    updates: int = 0
    hot_updates: int = 0
    deletes: int = 0


@dataclass(frozen=True, slots=True)
class Node:
    """Holds one server: who it is, since when it counts, and what it counted; names are (schema, index or table)."""

    label: str
    system: str
    started_at: str
    in_recovery: bool
    counts: bool
    sees_others: bool
    statistics_age_seconds: float
    was_reset: bool
    standbys: int
    index_scans: Mapping[tuple[str, str], int] = field(default_factory=dict)
    tables: Mapping[tuple[str, str], Activity] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tick:
    """Holds a moment that is known in transactions and in seconds; both are ages."""

    age_transactions: int
    age_seconds: float


@dataclass(frozen=True)
class Facts:
    """Holds everything known of one database; ``unread`` names what could not be read, and why."""

    database: str
    nodes: tuple[Node, ...]
    indexes: tuple[Index, ...] = ()
    tables: Mapping[int, Table] = field(default_factory=dict)
    foreign_keys: tuple[ForeignKey, ...] = ()
    clock: tuple[Tick, ...] = ()
    views: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    sequences: tuple[Row, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def indexes_of(self) -> Mapping[int, list[Index]]:
        """Returns the indexes by the oid of their table."""
        found: dict[int, list[Index]] = defaultdict(list)
        for index in self.indexes:
            found[index.table_oid].append(index)
        return found

    @cached_property
    def index_children(self) -> Mapping[int, list[Index]]:
        """Returns the partitions of partitioned indexes by the oid of their parent."""
        found: dict[int, list[Index]] = defaultdict(list)
        for index in self.indexes:
            if index.parent_oid is not None:
                found[index.parent_oid].append(index)
        return found

    @cached_property
    def table_children(self) -> Mapping[int, list[Table]]:
        """Returns the partitions of tables by the oid of their parent."""
        found: dict[int, list[Table]] = defaultdict(list)
        for table in self.tables.values():
            if table.parent_oid is not None:
                found[table.parent_oid].append(table)
        return found

    def scans(self, index: Index) -> int:
        """Returns how often an index was scanned on all nodes, partitions of it included."""
        own = sum(node.index_scans.get((index.schema, index.name), 0) for node in self.nodes)
        return own + sum(self.scans(child) for child in self.index_children.get(index.oid, ()))

    def leaves(self, table: Table) -> list[Table]:
        """Returns the tables that hold the rows of a table: itself, or its partitions at any depth."""
        if not table.is_partitioned:
            return [table]
        return [leaf for part in self.table_children.get(table.oid, ()) for leaf in self.leaves(part)]

    def rows(self, table: Table) -> int | None:
        """Returns the estimated rows of a table with its partitions; None where any was never counted."""
        counted = [leaf.rows for leaf in self.leaves(table)]
        return None if None in counted else sum(rows for rows in counted if rows is not None)

    def activity(self, table: Table) -> Activity:
        """Returns what all nodes together counted of a table with its partitions."""
        names = [(leaf.schema, leaf.name) for leaf in self.leaves(table)]
        found = [node.tables[name] for node in self.nodes for name in names if name in node.tables]
        return Activity(
            sum(each.sequential_scans for each in found),
            sum(each.sequential_tuples_read for each in found),
            sum(each.inserts for each in found),
            sum(each.updates for each in found),
            sum(each.hot_updates for each in found),
            sum(each.deletes for each in found),
        )

    def index_scans_of(self, table: Table) -> int:
        """Returns how often any index of a table was scanned on all nodes."""
        return sum(self.scans(index) for leaf in self.leaves(table) for index in self.indexes_of.get(leaf.oid, ()))
