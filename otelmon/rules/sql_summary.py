"""Summarizes a statement in a few words of low cardinality."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from otelmon.rules.sql_operation import OTHER, operation_of
from otelmon.rules.sql_redaction import LONGEST_READ, LONGEST_REMEMBERED, redact_sql

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 255
MOST_TABLES = 5
_PART = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
_NAME = rf"{_PART}(?: ?\. ?{_PART}){{0,2}}"
_TARGET = re.compile(
    # Functions and clauses in which these words stand for something else are matched first, and so skipped.
    r"\b(?:EXTRACT|SUBSTRING|TRIM|OVERLAY) ?\((?:[^()]|\([^()]*\)){0,500}\)|\bDISTINCT FROM\b"
    r"|\b(?:FOR|KEY|DO|ON) UPDATE\b"
    rf"|\b(?P<list>FROM|JOIN|USING) (?:ONLY |LATERAL )*(?P<read>{_NAME})(?![\w$\"]| ?\()"
    rf"|\b(?:INTO|UPDATE|TABLE|COPY|CALL) (?:ONLY |IF NOT EXISTS |IF EXISTS )?(?P<named>{_NAME})",
    re.IGNORECASE,
)
_MORE = re.compile(rf"(?: (?:AS )?[^\W\d]\w*)? ?, ?(?:ONLY )?({_NAME})(?![\w$\"]| ?\()", re.IGNORECASE)
_EXPRESSION = re.compile(
    rf"(?:\bWITH(?: RECURSIVE)?|,) ({_PART})(?: ?\([^()]*\))? AS (?:NOT )?(?:MATERIALIZED )?\(", re.IGNORECASE
)
_NOT_A_NAME = frozenset(
    (
        "SELECT",
        "WHERE",
        "SET",
        "VALUES",
        "FROM",
        "STDIN",
        "STDOUT",
        "PROGRAM",
        "LATERAL",
        "ON",
        "TEMP",
        "TEMPORARY",
        "NULL",
    )
)


def query_summary(sql: str) -> str:
    """Returns operation and table names, such as ``SELECT contributors``, at most 255 characters and no literal.

    Source: https://opentelemetry.io/docs/specs/semconv/database/database-spans/#generating-a-summary-of-the-query
    """
    return _remembered(sql) if len(sql) <= LONGEST_REMEMBERED else _summary(sql)


def _summary(sql: str) -> str:
    statement = redact_sql(sql, LONGEST_READ)
    operation = operation_of(statement)
    if operation == OTHER:
        return OTHER
    words = [operation, *_tables(statement)]
    while len(" ".join(words)) > LONGEST:
        words.pop()
    return " ".join(words)


_remembered = functools.lru_cache(maxsize=512)(_summary)


def _tables(statement: str) -> list[str]:
    """Returns the first table names in the order in which they stand, without those of common table expressions."""
    hidden = {match.group(1) for match in _EXPRESSION.finditer(statement)}
    found: dict[str, None] = {}
    for name in _names(statement):
        if name not in hidden and name.upper() not in _NOT_A_NAME:
            found.setdefault(name)
        if len(found) == MOST_TABLES:
            break
    return list(found)


def _names(statement: str) -> Iterator[str]:
    for match in _TARGET.finditer(statement):
        name = match.group("read") or match.group("named")
        if name:
            yield name
        if match.group("list"):
            yield from _listed_after(statement, match.end())


def _listed_after(statement: str, position: int) -> Iterator[str]:
    """Yields the further tables of ``FROM a, b AS c``."""
    while more := _MORE.match(statement, position):
        yield more.group(1)
        position = more.end()
