"""What a statement may do to the settings of its session."""

from __future__ import annotations

import pytest

from otelmon.rules.session_changes import session_change
from otelmon.rules.sql_operation import operation_of
from otelmon.rules.sql_redaction import redact_sql


@pytest.mark.parametrize(
    ("statement", "change"),
    [
        ("SELECT 1", "none"),
        ("INSERT INTO a VALUES (1)", "none"),
        ("RESET ALL", "none"),
        ("SELECT 'set_config'", "none"),
        ("CREATE TABLE a (id int)", "catalog"),
        ("DROP INDEX a", "catalog"),
        ("DISCARD ALL", "restored"),
        ("DISCARD TEMP", "changed"),
        ("SET search_path = a", "changed"),
        ("SET ROLE a", "changed"),
        ("SELECT pg_catalog.set_config('search_path', 'a', false)", "changed"),
        ("SELECT 1; SET ROLE a", "changed"),
        ("SELECT 1; DROP TABLE a", "changed"),
        ("SELECT 1; SELECT 2", "none"),
        ("CREATE TEMP TABLE a (id int)", "changed"),
        ("CREATE OR REPLACE TEMPORARY VIEW a AS SELECT 1", "changed"),
        ("SELECT 1 INTO TEMP a", "changed"),
        ("DO $$ BEGIN END $$", "changed"),
        ("CALL a()", "changed"),
        ("EXECUTE a", "changed"),
        ("LOAD 'x'", "changed"),
        ("SELECT " + "a, " * 3000, "changed"),
    ],
)
def test_change(statement: str, change: str) -> None:
    """What cannot be judged counts as a change."""
    text = redact_sql(statement)
    assert session_change(operation_of(text), text) == change


@pytest.mark.parametrize(("operation", "change"), [("COMMIT", "none"), ("RESET", "none"), ("SELECT", "changed")])
def test_change_of_a_statement_without_text(operation: str, change: str) -> None:
    """What a driver writes itself is known; a text that may not be kept is not."""
    assert session_change(operation, "") == change


@pytest.mark.parametrize(("length", "change"), [(3999, "none"), (4000, "changed")])
def test_text_that_may_be_cut(length: int, change: str) -> None:
    """From four thousand characters on there may have been more."""
    assert session_change("SELECT", "SELECT ".ljust(length, "a")) == change
