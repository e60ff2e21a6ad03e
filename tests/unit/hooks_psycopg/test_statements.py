"""Statements as applications hand them to psycopg, read without running a line of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from psycopg import sql

from otelmon.hooks.psycopg.statements import declaration, readable


@dataclass
class Interpolation:
    """Has the fields of Python 3.14's ``string.templatelib.Interpolation``."""

    value: Any
    format_spec: str = ""


@dataclass
class Template:
    """Has the fields of Python 3.14's ``string.templatelib.Template``, whose name it goes by."""

    strings: tuple[str, ...]
    interpolations: tuple[Interpolation, ...]


Template.__module__ = "string.templatelib"


def deep(levels: int) -> sql.Composed:
    """Returns SQL composed of SQL composed of SQL."""
    part = sql.Composed([sql.SQL("SELECT 1")])
    for _ in range(levels):
        part = sql.Composed([part])
    return part


TEXTS = [
    pytest.param("SELECT 1", "SELECT 1", id="text"),
    pytest.param(b"SELECT 1", b"SELECT 1", id="bytes"),
    pytest.param(sql.SQL("SELECT 1"), "SELECT 1", id="SQL"),
    pytest.param(
        sql.SQL("SELECT {} FROM {} WHERE a = {} AND b = {}").format(
            sql.Identifier("t", 'a"b'), sql.Identifier("t"), sql.Literal("secret-value"), sql.Placeholder("b")
        ),
        'SELECT "t"."a""b" FROM "t" WHERE a = ? AND b = %s',
        id="Composed",
    ),
    pytest.param(
        Template(
            ("SELECT ", " FROM ", " WHERE a = ", " AND b = ", " AND ", ""),
            (
                Interpolation("id", "i"),
                Interpolation(sql.Identifier("items"), "i"),
                Interpolation("secret-value"),
                Interpolation("secret-value", "l"),
                Interpolation(Template(("c = ", ""), (Interpolation("secret-value"),)), "q"),
            ),
        ),
        'SELECT "id" FROM "items" WHERE a = %s AND b = ? AND c = %s',
        id="template string",
    ),
    pytest.param(deep(100), "?", id="deeper than anybody writes"),
]


@pytest.mark.parametrize(("statement", "text"), TEXTS)
def test_readable(statement: object, text: object) -> None:
    """Texts stay, identifiers are quoted, values are left out."""
    assert readable(statement) == text


@pytest.mark.parametrize("statement", [None, 7, object()], ids=["none", "number", "object"])
def test_what_is_no_statement(statement: object) -> None:
    """It is handed on, for psycopg to refuse."""
    assert readable(statement) is statement
    assert declaration(statement) is statement


def test_declaration() -> None:
    """A server-side cursor declares itself for the statement, whatever type that has."""
    assert declaration("SELECT 1") == "DECLARE CURSOR FOR SELECT 1"
    assert declaration(b"SELECT 1") == b"DECLARE CURSOR FOR SELECT 1"
    assert declaration(sql.SQL("SELECT 1")) == "DECLARE CURSOR FOR SELECT 1"
