"""Reads what an application hands over as a statement, without running a line of the application's code."""

from __future__ import annotations

from psycopg2 import sql

from otelmon.calls.statement_facts import LONGEST, StatementFacts

COMMIT = StatementFacts("COMMIT", "COMMIT")
ROLLBACK = StatementFacts("ROLLBACK", "ROLLBACK")
RESET = StatementFacts("RESET", "RESET")
BEGIN = StatementFacts("BEGIN", "BEGIN")
PREPARE = StatementFacts("PREPARE", "PREPARE TRANSACTION")
# Without the cursor's name, of which there may be as many as there are calls.
FETCH = StatementFacts("FETCH", "FETCH")
MOVE = StatementFacts("MOVE", "MOVE")
CLOSE = StatementFacts("CLOSE", "CLOSE")
# Not a statement, but a call that can be slow and can fail like one.
CONNECT = StatementFacts("CONNECT", "CONNECT")


def given(args: tuple[object, ...], options: dict[str, object], position: int, name: str) -> object:
    """Returns an argument that may come by position or by name, None where it is missing."""
    return args[position] if len(args) > position else options.get(name)


def readable(statement: object) -> object:
    """Returns a statement as text or bytes; composed SQL is written down with ``?`` for its literals.

    psycopg2 renders composed SQL itself, through adapters of the application; doing so twice would be seen.
    """
    if isinstance(statement, sql.Composable):
        return _composed(statement)[:LONGEST]
    return statement


def declaration(statement: object) -> object:
    """Returns what a named cursor makes of a statement."""
    text = readable(statement)
    if isinstance(text, str):
        return "DECLARE CURSOR FOR " + text[:LONGEST]
    if isinstance(text, (bytes, bytearray)):
        return b"DECLARE CURSOR FOR " + bytes(text[:LONGEST])
    return text


def procedure(name: object) -> str:
    """Returns the statement of ``callproc``."""
    return f"CALL {name[:LONGEST]}(...)" if isinstance(name, str) else "CALL"


def copy(table: object, direction: str) -> str:
    """Returns the statement of ``copy_from`` and ``copy_to``; ``direction`` is ``FROM STDIN`` or ``TO STDOUT``."""
    return f"COPY {table[:LONGEST]} {direction}" if isinstance(table, str) else f"COPY {direction}"


def _composed(part: object) -> str:
    if isinstance(part, sql.Composed):
        return "".join(_composed(each) for each in part.seq)
    if isinstance(part, sql.SQL):
        return part.string
    if isinstance(part, sql.Identifier):
        return ".".join('"' + each.replace('"', '""') + '"' for each in part.strings)
    return "%s" if isinstance(part, sql.Placeholder) else "?"
