"""Reads what an application hands over as a statement, without running a line of the application's code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg import sql

from otelmon.calls.statement_facts import LONGEST, StatementFacts

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMIT = StatementFacts("COMMIT", "COMMIT")
ROLLBACK = StatementFacts("ROLLBACK", "ROLLBACK")
BEGIN = StatementFacts("BEGIN", "BEGIN")
SAVEPOINT = StatementFacts("SAVEPOINT", "SAVEPOINT")
RELEASE = StatementFacts("RELEASE", "RELEASE")
PREPARE = StatementFacts("PREPARE", "PREPARE TRANSACTION")
# Without the cursor's name, of which there may be as many as there are calls.
FETCH = StatementFacts("FETCH", "FETCH")
MOVE = StatementFacts("MOVE", "MOVE")
CLOSE = StatementFacts("CLOSE", "CLOSE")
# Not a statement, but a call that can be slow and can fail like one.
CONNECT = StatementFacts("CONNECT", "CONNECT")
# Python 3.14's template strings, told by name on every Python.
_TEMPLATES = ("string.templatelib", "Template")
_DEEPEST = 20


def readable(statement: object) -> object:
    """Returns a statement as text or bytes; composed SQL is written down with ``?`` for its literals.

    psycopg renders composed SQL itself, through adapters of the application; doing so twice would be seen.
    """
    if type(statement) is str or isinstance(statement, (str, bytes)):
        return statement
    return "".join(_parts(statement, 0))[:LONGEST] if _is_composed(statement) else statement


def declaration(statement: object) -> object:
    """Returns what a server-side cursor makes of a statement."""
    text = readable(statement)
    if isinstance(text, str):
        return "DECLARE CURSOR FOR " + str.__getitem__(text, slice(LONGEST))
    return b"DECLARE CURSOR FOR " + text[:LONGEST] if isinstance(text, bytes) else text


def _is_composed(statement: object) -> bool:
    return isinstance(statement, sql.Composable) or _is_template(statement)


def _is_template(statement: object) -> bool:
    kind = type(statement)
    return (kind.__module__, kind.__qualname__) == _TEMPLATES


def _parts(part: Any, depth: int) -> Iterator[str]:  # noqa: ANN401 - whatever an application composed
    if depth > _DEEPEST:
        yield "?"
    elif isinstance(part, sql.Composed):
        for each in sql.Composed.__iter__(part):
            yield from _parts(each, depth + 1)
    elif isinstance(part, sql.SQL):
        yield sql.SQL.as_string(part)
    elif isinstance(part, sql.Identifier):
        yield sql.Identifier.as_bytes(part).decode("utf-8", "replace")
    elif _is_template(part):
        yield from _of_template(part, depth)
    else:
        yield "%s" if isinstance(part, sql.Placeholder) else "?"


def _of_template(template: Any, depth: int) -> Iterator[str]:  # noqa: ANN401 - a type of later Pythons
    """Writes a template string: its texts, its identifiers, and the parts that are SQL themselves."""
    for text, value in zip(template.strings, (*template.interpolations, None), strict=True):
        yield text
        if value is not None:
            yield from _of_interpolation(value, depth)


def _of_interpolation(interpolation: Any, depth: int) -> Iterator[str]:  # noqa: ANN401 - a type of later Pythons
    value = interpolation.value
    if interpolation.format_spec == "i" and type(value) is str:
        yield '"' + value.replace('"', '""') + '"'
    elif _is_composed(value):
        yield from _parts(value, depth + 1)
    else:
        yield "?" if interpolation.format_spec == "l" else "%s"
