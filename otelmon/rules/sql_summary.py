"""Summarizes a statement in a few words of low cardinality."""

from __future__ import annotations

from otelmon.rules.sql_operation import operation_name


def query_summary(sql: str) -> str:
    """Returns operation and first table, such as ``SELECT contributors``."""
    return operation_name(sql)
