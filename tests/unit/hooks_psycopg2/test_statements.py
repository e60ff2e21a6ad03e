"""What is read of the things that an application hands to psycopg2 as a statement."""

from __future__ import annotations

import pytest
from psycopg2 import sql

from otelmon.hooks.psycopg2.statements import copy, declaration, procedure, readable


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        pytest.param("SELECT 1", "SELECT 1", id="text"),
        pytest.param(b"SELECT 1", b"SELECT 1", id="bytes"),
        pytest.param(None, None, id="nothing"),
        pytest.param(sql.SQL("SELECT 1"), "SELECT 1", id="SQL"),
        pytest.param(sql.Identifier("a", 'b"c'), '"a"."b""c"', id="Identifier"),
        pytest.param(sql.Literal("planted"), "?", id="Literal"),
        pytest.param(sql.Placeholder("x"), "%s", id="Placeholder"),
        pytest.param(
            sql.SQL("SELECT {} FROM {} WHERE {} = {}").format(
                sql.SQL(", ").join([sql.Identifier("a"), sql.Identifier("b")]),
                sql.Identifier("t"),
                sql.Literal("planted"),
                sql.Placeholder(),
            ),
            'SELECT "a", "b" FROM "t" WHERE ? = %s',
            id="Composed",
        ),
    ],
)
def test_readable(statement: object, expected: object) -> None:
    """Composed SQL is written down without its values; everything else is what it was."""
    assert readable(statement) == expected


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        pytest.param("SELECT 1", "DECLARE CURSOR FOR SELECT 1", id="text"),
        pytest.param(b"SELECT 1", b"DECLARE CURSOR FOR SELECT 1", id="bytes"),
        pytest.param(sql.SQL("SELECT 1"), "DECLARE CURSOR FOR SELECT 1", id="composed"),
        pytest.param(7, 7, id="no statement"),
    ],
)
def test_declaration(statement: object, expected: object) -> None:
    """A named cursor puts its declaration before a statement."""
    assert declaration(statement) == expected


def test_names_that_are_no_text() -> None:
    """A procedure or table that is no text is left out."""
    assert (procedure(None), copy(7, "FROM STDIN")) == ("CALL", "COPY FROM STDIN")
