"""Lets a program that is told to end stop the parts it started first."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType


def unwind_when_told_to_end() -> None:
    """Turns SIGTERM and SIGHUP into ``SystemExit`` with 128 plus the signal's number, so that ``finally`` runs.

    Raises:
        ValueError: when this is not the main thread.
    """
    signal.signal(signal.SIGTERM, _unwind)
    signal.signal(signal.SIGHUP, _unwind)


def _unwind(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
