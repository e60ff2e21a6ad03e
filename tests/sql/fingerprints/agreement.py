"""Runs the statements on a server and compares how it groups them with how fingerprints do."""

from __future__ import annotations

import io
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
import psycopg2

from otelmon.calls.statement_facts import statement_facts
from tests.sql.fingerprints.corpus import SCHEMA, Statement, corpus

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

ROLE, DATABASE = "corpus", "corpus"
READ = """
SELECT s.queryid, s.query FROM pg_stat_statements s
WHERE s.userid = 'corpus'::regrole AND s.toplevel AND s.calls > 0
"""
RESET = "SELECT pg_stat_statements_reset('corpus'::regrole, 0, 0)"


@dataclass(frozen=True)
class Named:
    """Holds what a server calls a statement, and the text that it keeps of it."""

    statement: Statement
    query_id: int
    kept: str


@dataclass(frozen=True)
class Agreement:
    """Holds how two groupings of the same statements compare; pairs are of statements that are grouped together."""

    statements: int
    groups: int
    same_group: int
    pairs: int
    pairs_of_server: int
    pairs_of_both: int

    @property
    def precision(self) -> float:
        """Returns the share of pairs that the server groups together, too."""
        return self.pairs_of_both / self.pairs

    @property
    def recall(self) -> float:
        """Returns the share of the server's pairs."""
        return self.pairs_of_both / self.pairs_of_server


def agreement(named: Sequence[Named], name: Callable[[str], Hashable]) -> Agreement:
    """Compares the server's grouping with that of a function of the text; what it names None stands alone."""
    server, ours = (
        _groups(each.query_id for each in named),
        _groups((name(each.statement.text) or index for index, each in enumerate(named))),
    )
    both = _groups(zip(server[1], ours[1], strict=True))
    same = sum(server[0][one] == ours[0][other] for one, other in zip(server[1], ours[1], strict=True))
    return Agreement(len(named), len(server[0]), same, _pairs(ours[0]), _pairs(server[0]), _pairs(both[0]))


def _groups(names: Any) -> tuple[dict[Hashable, frozenset[int]], list[Hashable]]:
    listed = list(names)
    members: defaultdict[Hashable, set[int]] = defaultdict(set)
    for index, each in enumerate(listed):
        members[each].add(index)
    return {each: frozenset(indices) for each, indices in members.items()}, listed


def _pairs(groups: dict[Hashable, frozenset[int]]) -> int:
    return sum(len(each) * (len(each) - 1) // 2 for each in groups.values())


def fingerprint(text: str) -> str:
    """Returns the fingerprint that spans carry."""
    return statement_facts(text).fingerprint


def named_by(url: Callable[[str], str], major: int) -> list[Named]:
    """Runs every statement that a version knows and returns what the server calls it.

    Args:
        url: returns the superuser's connection string of a database.
        major: the version.
    """
    with psycopg.connect(url("postgres"), autocommit=True) as administration:
        for statement in (f"DROP DATABASE IF EXISTS {DATABASE}", f"DROP ROLE IF EXISTS {ROLE}"):
            administration.execute(statement)
        administration.execute(f"CREATE ROLE {ROLE} SUPERUSER")
        administration.execute(f"CREATE DATABASE {DATABASE}")
    with psycopg.connect(url(DATABASE), autocommit=True) as administration:
        administration.execute("CREATE EXTENSION pg_stat_statements")
        administration.execute(SCHEMA)
        known = [each for each in corpus() if major >= 15 or not each.text.startswith("MERGE")]
        return _run(administration, url(DATABASE), known)


def _run(administration: psycopg.Connection[Any], address: str, statements: list[Statement]) -> list[Named]:
    found = []
    with closing(psycopg2.connect(address)) as connection, psycopg.connect(address, autocommit=True) as numbered:
        connection.autocommit = True
        for each in (connection, numbered):
            each.cursor().execute(f"SET SESSION AUTHORIZATION {ROLE}")
        cursor, raw = connection.cursor(), psycopg.RawCursor(numbered)
        for each in statements:
            if not each.needs_no_block:
                cursor.execute("BEGIN")
            administration.execute(RESET)
            _execute(each, cursor, raw)
            rows = administration.execute(READ).fetchall()
            cursor.execute("ROLLBACK")
            # Of some utility statements older versions keep no count.
            assert len(rows) <= 1, each
            found += [Named(each, query_id, kept) for query_id, kept in rows]
    return found


def _execute(statement: Statement, cursor: Any, raw: Any) -> None:
    if statement.is_numbered:
        raw.execute(statement.text, statement.values)
    elif statement.text.startswith("COPY"):
        cursor.copy_expert(statement.text, io.StringIO())
    else:
        cursor.execute(statement.text, statement.values)
