"""Asks the planner what an index would change, with one that hypopg pretends to have made in this session."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from otelmon.operate.advise.connection import reading
from otelmon.operate.advise.section import reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from otelmon.operate.advise.facts import Facts, ForeignKey
    from otelmon.operate.advise.finding import Finding
    from otelmon.operate.sql.connection import Connection

WHERE_HYPOPG = """
SELECT n.nspname FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
WHERE e.extname = 'hypopg'
"""
NOT_THERE = "What the index would save is not estimated: the extension hypopg is not in this database."
MOST_ESTIMATES = 50


def estimated(dsn: str, facts: Facts, findings: Sequence[Finding], statement_seconds: float) -> list[Finding]:
    """Adds planned costs to the findings on foreign keys: of the search by its columns, without and with an index.

    Args:
        dsn: the primary; the index exists in this session alone, and nothing is written.
        facts: what was read.
        findings: all findings; others pass unchanged.
        statement_seconds: when a statement is cancelled.
    """
    keys = {(key.schema, key.table, key.name): key for key in facts.foreign_keys}
    wanted = [each for each in findings if each.kind == "missing_foreign_key_index" and each.mend]
    if not wanted:
        return list(findings)
    added: dict[str, Finding] = {}
    with reading(dsn, statement_seconds) as connection:
        found = connection.execute(WHERE_HYPOPG.encode()).fetchone()
        for each in wanted[:MOST_ESTIMATES]:
            key = keys[each.subject.schema, each.subject.table, each.subject.name]
            added[each.cache_key] = (
                with_costs(connection, str(found[0]), each, key) if found else noted(each, NOT_THERE)
            )
    return [added.get(each.cache_key, each) for each in findings]


def noted(finding: Finding, note: str) -> Finding:
    """Returns a finding with one note more."""
    return replace(finding, notes=(*finding.notes, note))


def with_costs(connection: Connection, home: str, finding: Finding, key: ForeignKey) -> Finding:
    """Returns a finding with the costs of the search, or with why there are none."""
    try:
        with connection.transaction():
            before = cost_of(connection, key)
            make = sql.SQL("SELECT FROM {}.hypopg_create_index({})").format(
                sql.Identifier(home),
                sql.Literal(f"CREATE INDEX ON {key.qualified_table} ({', '.join(key.columns)})"),
            )
            connection.execute(make)
            after = cost_of(connection, key)
            connection.execute(sql.SQL("SELECT {}.hypopg_reset()").format(sql.Identifier(home)))
    except psycopg.Error as error:
        return noted(finding, f"What the index would save cannot be told: {reason(error)}.")
    costs = {"planned_cost_now": before, "planned_cost_with_index": after}
    return replace(finding, evidence={**finding.evidence, **costs})


def cost_of(connection: Connection, key: ForeignKey) -> float:
    """Returns the planned cost of finding the rows of one key, whatever its value."""
    # A sub-select has no value that the planner could know, as the parameter of the server's own check has none.
    table = key.qualified_table
    each = (f"{name} = (SELECT o.{name} FROM {table} AS o LIMIT 1)" for name in key.columns)  # noqa: S608 - quoted
    text = f"EXPLAIN (FORMAT JSON) SELECT FROM {table} WHERE {' AND '.join(each)}"
    row = connection.execute(text.encode()).fetchone()
    plans = row[0] if row else None
    return float(plans[0]["Plan"]["Total Cost"]) if isinstance(plans, list) else 0.0
