"""Reads the facts of all nodes: the catalogs of the first one, and what each of them counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate.advise import catalog
from otelmon.operate.advise.connection import label, reading
from otelmon.operate.advise.facts import Activity, Facts, ForeignKey, Index, KeyPart, Node, Table, Tick
from otelmon.operate.advise.section import Sections
from otelmon.operate.errors import OperateError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from otelmon.operate.advise.facts import Row
    from otelmon.operate.sql.connection import Connection

VIEWS = ("bloat", "open_transactions", "replication_slots", "settings", "vacuum", "wraparound")
HEAVY = """
SELECT query_id, user_name, query, calls, total_exec_time_seconds, mean_exec_time_seconds, total_time_ratio
FROM otelmon.statements WHERE top_level ORDER BY total_exec_time_seconds DESC LIMIT 200
"""
HAS_STATEMENTS = "SELECT to_regclass('otelmon.statements') IS NOT NULL AS there"


def facts_of(dsn: str, replicas: Sequence[str], statement_seconds: float) -> Facts:
    """Reads a database and what other nodes counted of it.

    Args:
        dsn: the primary; a standby serves too, and then no index can be called unused.
        replicas: the standbys.
        statement_seconds: when a statement is cancelled.

    Raises:
        OperateError: a node cannot be reached, or its catalogs cannot be read.
    """
    with reading(dsn, statement_seconds) as connection:
        sections = Sections(connection)
        first, database = node_of(connection, sections)
        read = whole(sections)
    others = [other_node(replica, statement_seconds, database) for replica in replicas]
    return Facts(database=database, nodes=(first, *others), **read)  # type: ignore[arg-type] # fields by name


def other_node(dsn: str, statement_seconds: float, database: str) -> Node:
    """Reads what a standby counted.

    Raises:
        OperateError: it cannot be reached, or the connection string leads to another database.
    """
    with reading(dsn, statement_seconds) as connection:
        node, its_database = node_of(connection, Sections(connection))
    if its_database != database:
        raise OperateError(f"{node.label} was read in database {its_database}, the primary in {database}: name one")
    return node


def node_of(connection: Connection, sections: Sections) -> tuple[Node, str]:
    """Reads who a node is and what it counted."""
    found = sections.rows("node", catalog.NODE)
    if not found:
        raise OperateError(f"{label(connection)} cannot be read: {sections.unread.get('node', 'no statistics')}")
    about = dict(found[0])
    database = str(about.pop("database"))
    scans = sections.tuples("index scans", catalog.INDEX_SCANS)
    tables = sections.tuples("table activity", catalog.TABLE_ACTIVITY)
    failed = {"index scans", "table activity"} & sections.unread.keys()
    if failed:
        raise OperateError(f"{label(connection)} cannot be read: {sections.unread[failed.pop()]}")
    node = Node(
        label=label(connection),
        index_scans={(str(schema), str(name)): whole_number(count) for schema, name, count in scans},
        tables={(str(row[0]), str(row[1])): Activity(*map(whole_number, row[2:])) for row in tables},
        **about,  # type: ignore[arg-type] # columns of the query are fields of the class
    )
    return node, database


def whole(sections: Sections) -> Mapping[str, object]:
    """Reads what is the same on every node, by the fields of the facts."""
    indexes = tuple(index_of(row) for row in sections.rows("indexes", catalog.INDEXES))
    tables = [Table(**row) for row in sections.rows("tables", catalog.TABLES)]  # type: ignore[arg-type] # as above
    views = {name: sections.view(name) for name in VIEWS}
    there = sections.rows("statements", HAS_STATEMENTS)
    if there and there[0]["there"]:
        views["statements"] = sections.rows("statements", HEAVY)
    else:
        sections.unread.setdefault("statements", "the schema otelmon is not installed: run otelmon sql install")
    locked = ", ".join(str(row["name"]) for row in sections.rows("locked tables", catalog.LOCKED))
    if locked:
        sections.unread["locked tables"] = f"somebody holds or wants an exclusive lock on {locked}; run again later"
    clock = sections.tuples("clock", catalog.HAS_CLOCK)
    ticks = sections.tuples("clock", catalog.CLOCK) if clock and clock[0][0] else ()
    return {
        "indexes": indexes,
        "tables": {table.oid: table for table in tables},
        "foreign_keys": tuple(foreign_key_of(row) for row in sections.rows("foreign keys", catalog.FOREIGN_KEYS)),
        "clock": tuple(Tick(whole_number(age), float(str(seconds))) for age, seconds in ticks),
        "views": views,
        "sequences": sections.rows("sequences", catalog.SEQUENCES),
        "unread": sections.unread,
    }


def index_of(row: Row) -> Index:
    """Returns an index from a row of the query."""
    key = tuple(KeyPart(*part) for part in as_list(row["key"]))
    texts = {name: tuple(map(str, as_list(row[name]))) for name in ("referenced_by", "afterwards")}
    included = frozenset(map(str, as_list(row["included"])))
    return Index(**{**row, **texts, "key": key, "included": included})  # type: ignore[arg-type] # as above


def foreign_key_of(row: Row) -> ForeignKey:
    """Returns a foreign key from a row of the query."""
    lists = {name: tuple(as_list(row[name])) for name in ("columns", "collations")}
    return ForeignKey(**{**row, **lists})  # type: ignore[arg-type] # as above


def as_list(value: object) -> list:  # type: ignore[type-arg] # what the server put in
    """Returns a value that the server gave as an array."""
    return value if isinstance(value, list) else []


def whole_number(value: object) -> int:
    """Returns a count of the server."""
    return int(str(value))
