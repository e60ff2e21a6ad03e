"""Decides which statements may be handed to EXPLAIN a second time.

EXPLAIN without ANALYZE runs no statement, but what follows a semicolon would run, and while planning the server
evaluates immutable and stable functions of constants. So only a single reading statement is planned, and none that
calls a volatile function: the server would not evaluate it, but one that is declared wrongly often stands beside it.
"""

from __future__ import annotations

import re

from otelmon.rules.sql_operation import operation_of
from otelmon.rules.sql_redaction import redact_sql

LONGEST = 65_536
_READING = frozenset(("SELECT", "VALUES"))
_MODIFYING = frozenset(("INSERT", "UPDATE", "DELETE", "MERGE"))
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_MODIFIES = re.compile(r"\b(?:INSERT|DELETE|MERGE|INTO|(?<!FOR )(?<!KEY )UPDATE)\b", re.IGNORECASE)
_CALLED = re.compile(r'("(?:[^"]|"")+"|[^\W\d][\w$]*)\s*\(')
_NOT_FUNCTIONS = frozenset(
    """
    and any all array as by case cross distinct else except exists filter from full group grouping having in inner
    intersect is join lateral left like limit not null offset on or order outer over partition right select set some
    then union using values when where with within materialized recursive cube rollup sets between ilike similar to
    """.split()  # noqa: SIM905 - a paragraph is easier to read than 60 quoted words
)


def why_not_explained(text: str) -> str | None:
    """Returns why a statement is not planned a second time, or None where it may be.

    Args:
        text: as it was sent, literals included.

    Returns:
        ``too_long``, ``several_statements``, ``not_a_query`` or ``modifies_data``.
    """
    if len(text) > LONGEST:
        return "too_long"
    # Any semicolon, one within a literal too: where literals end depends on a setting of the server.
    if ";" in text.rstrip("; \r\n\t"):
        return "several_statements"
    redacted = redact_sql(text, LONGEST)
    operation = operation_of(redacted)
    if operation in _MODIFYING:
        return "modifies_data"
    if operation not in _READING:
        return "not_a_query"
    return "modifies_data" if _MODIFIES.search(_QUOTED.sub('""', redacted)) else None


def called_functions(text: str) -> frozenset[str]:
    """Returns the names that a statement may call as functions, as the server writes them, without their schemas."""
    names = (match.group(1) for match in _CALLED.finditer(redact_sql(text, LONGEST)))
    written = {each[1:-1].replace('""', '"') if each.startswith('"') else each.lower() for each in names}
    return frozenset(written - _NOT_FUNCTIONS)
