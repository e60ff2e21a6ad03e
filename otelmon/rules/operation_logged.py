"""Decides whether an event is told of a database call or a GitHub answer that is neither slow nor refused."""

from __future__ import annotations

from typing import Literal

OperationLog = Literal["off", "sampled", "all"]


def is_logged(choice: OperationLog, *, sampled: bool) -> bool:
    """Tells whether it is, by ``OTELMON_OPERATION_LOG`` and whether its trace is sampled."""
    return choice == "all" or (sampled and choice == "sampled")
