"""Decides whether what the server says it runs is the statement of a call."""

from __future__ import annotations

from otelmon.rules.sql_operation import operation_name
from otelmon.rules.sql_summary import query_summary

# Statements that are planned: each has one query id. Others carry statements, or are cut into several.
_PLANNED = frozenset(("SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES"))


def runs_statement(server_text: str, summary: str) -> bool:
    """Tells whether the server's text is one planned statement with the summary of a call's.

    Args:
        server_text: the whole text of what the server is running.
        summary: the summary of the call's statement.

    A driver sends more than the application's statement, such as BEGIN before it.
    """
    several = ";" in server_text.rstrip("; \r\n\t")
    return not several and operation_name(server_text) in _PLANNED and query_summary(server_text) == summary
