"""Which operation and which tables a statement is said to be about."""

from __future__ import annotations

import pytest

from otelmon.rules.sql_operation import operation_name
from otelmon.rules.sql_summary import query_summary


@pytest.mark.parametrize(
    ("statement", "operation", "summary"),
    [
        ("select a from contributors", "SELECT", "SELECT contributors"),
        ("-- x\n/* y /* z */ */ (SELECT 1)", "SELECT", "SELECT"),
        ('SELECT a FROM public."My Table" t', "SELECT", 'SELECT public."My Table"'),
        ("SELECT a FROM t, u AS v, ONLY w JOIN x ON true", "SELECT", "SELECT t u w x"),
        ("SELECT extract(epoch FROM a), trim(both FROM b) FROM t", "SELECT", "SELECT t"),
        ("SELECT a IS DISTINCT FROM b FROM t FOR UPDATE", "SELECT", "SELECT t"),
        ("SELECT a FROM generate_series(1, 2), t", "SELECT", "SELECT"),
        ("SELECT a FROM (SELECT b FROM t) s", "SELECT", "SELECT t"),
        ("SELECT a FROM t JOIN t u USING (a)", "SELECT", "SELECT t"),
        ("SELECT a FROM a1, a2, a3, a4, a5, a6", "SELECT", "SELECT a1 a2 a3 a4 a5"),
        ("SELECT a FROM %s", "SELECT", "SELECT"),
        ("WITH a AS (SELECT 1 FROM t) SELECT * FROM a", "SELECT", "SELECT t"),
        ("WITH a AS (SELECT 1), b AS (DELETE FROM u) INSERT INTO t SELECT * FROM a", "INSERT", "INSERT u t"),
        ("WITH a AS (SELECT 1", "OTHER", "OTHER"),
        ("INSERT INTO t (a) VALUES (1) ON CONFLICT DO UPDATE SET a = 1", "INSERT", "INSERT t"),
        ("UPDATE ONLY t SET a = 1", "UPDATE", "UPDATE t"),
        ("DELETE FROM t USING u", "DELETE", "DELETE t u"),
        ("MERGE INTO t USING s ON true", "MERGE", "MERGE t s"),
        ("COPY t (a) FROM STDIN", "COPY", "COPY t"),
        ("CALL refresh('x')", "CALL", "CALL refresh"),
        ("CREATE TABLE IF NOT EXISTS t (a int)", "CREATE", "CREATE t"),
        ("TRUNCATE TABLE t", "TRUNCATE", "TRUNCATE t"),
        ("TABLE t", "SELECT", "SELECT t"),
        ("START TRANSACTION", "BEGIN", "BEGIN"),
        ("end", "COMMIT", "COMMIT"),
        ("abort", "ROLLBACK", "ROLLBACK"),
        ("FETCH 100 FROM cursor_1", "FETCH", "FETCH cursor_1"),
        ("SET a = b", "SET", "SET"),
        ("alice@example.com", "OTHER", "OTHER"),
        ("", "OTHER", "OTHER"),
        ("'SELECT'", "OTHER", "OTHER"),
    ],
)
def test_statement_is_about(statement: str, operation: str, summary: str) -> None:
    """A statement is named by its main verb and its first tables."""
    assert (operation_name(statement), query_summary(statement)) == (operation, summary)


def test_summary_is_bounded() -> None:
    """Long names are left out rather than cut, beyond 255 characters in all."""
    assert query_summary(f"SELECT 1 FROM {'t' * 248}") == f"SELECT {'t' * 248}"
    assert query_summary(f"SELECT 1 FROM {'t' * 249}") == "SELECT"
    names = [f"{letter * 100}" for letter in "abcd"]
    assert query_summary(f"SELECT 1 FROM {', '.join(names)}") == f"SELECT {names[0]} {names[1]}"
