"""Reads values out of rows whose types the server decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from otelmon.operate.advise.facts import Row


def number(row: Row, column: str) -> int:
    """Returns a whole number, 0 for null."""
    return int(ratio(row, column))


def ratio(row: Row, column: str) -> float:
    """Returns a number, 0 for null."""
    value = row.get(column)
    return 0.0 if value is None else float(str(value))


def text(row: Row, column: str) -> str:
    """Returns a text, empty for null."""
    value = row.get(column)
    return "" if value is None else str(value)
