"""Statements that asyncpg writes itself, or that belong to more than one call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.calls.statement_facts import LONGEST, StatementFacts

if TYPE_CHECKING:
    from collections.abc import Mapping

RESET = StatementFacts("RESET", "RESET")
# Not statements, but calls that can be slow and can fail like one.
CONNECT = StatementFacts("CONNECT", "CONNECT")
DISCONNECT = StatementFacts("DISCONNECT", "DISCONNECT")


def step_of(verb: str, statement: StatementFacts) -> StatementFacts:
    """Returns the facts of one step of a statement: its preparation, or a fetch from its cursor.

    Args:
        verb: of the step, such as ``FETCH``.
        statement: the facts of the whole statement, whose text and tables the step has too.
    """
    tables = statement.summary.partition(" ")[2]
    return StatementFacts(verb, f"{verb} {tables}".rstrip(), statement.collection, statement.text)


def copied_table(options: Mapping[str, object], table: object, direction: str) -> str:
    """Returns the statement of a COPY; ``direction`` is ``FROM STDIN`` or ``TO STDOUT``."""
    schema = options.get("schema_name")
    names = [_quoted(each) for each in (schema, table) if isinstance(each, str) and each]
    return f"COPY {'.'.join(names)} {direction}" if names else f"COPY {direction}"


def copied_query(query: object) -> str:
    """Returns the statement of a COPY of a query."""
    return f"COPY ({query[:LONGEST]}) TO STDOUT" if isinstance(query, str) else "COPY TO STDOUT"


def _quoted(name: str) -> str:
    """Returns an identifier, in quotes only where it needs them, so that the same table has one name everywhere."""
    plain = name.isidentifier() and name.isascii() and name == name.lower()
    return name if plain else '"' + name[:LONGEST].replace('"', '""') + '"'
