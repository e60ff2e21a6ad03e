"""Reads what the workers of a service show, and tells which of them live."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from otelmon.health.publication import LOCK, STATE

if TYPE_CHECKING:
    from pathlib import Path

    from otelmon.health.check import Document

# A worker that shows nothing new for so long is stopped, or has no time for anything.
STALE_AFTER = 10.0
# For so long a worker that ended without a word is named.
DEAD_SHOWN = 120.0
MOST_WORKERS = 512
LARGEST_STATE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sibling:
    """Holds one worker: its state as it showed it ``age`` seconds ago, None where it has shown nothing yet."""

    name: str
    life: Literal["live", "stale", "dead"]
    age: float | None
    document: Document


def siblings(directory: Path, now: float) -> list[Sibling]:
    """Returns every worker that has a place in the folder, and clears away those that died long ago.

    Args:
        directory: of the service.
        now: of the monotonic clock, which all processes of a machine share.
    """
    names = sorted(each.name[: -len(LOCK)] for each in directory.glob(f"*{LOCK}"))[:MOST_WORKERS]
    found = []
    for name in names:
        each = _sibling(directory, name, now)
        if each.life == "dead" and (each.age is None or each.age > DEAD_SHOWN):
            _clear_away(directory, name)
        else:
            found.append(each)
    return found


def _clear_away(directory: Path, name: str) -> None:
    for suffix in (STATE, ".part", LOCK):
        (directory / f"{name}{suffix}").unlink(missing_ok=True)


def _sibling(directory: Path, name: str, now: float) -> Sibling:
    document = _read(directory / f"{name}{STATE}")
    at = document.get("at")
    age = max(0.0, now - at) if isinstance(at, float) else None
    if not _lives(directory / f"{name}{LOCK}"):
        return Sibling(name, "dead", age, document)
    return Sibling(name, "live" if age is None or age <= STALE_AFTER else "stale", age, document)


def _read(path: Path) -> Document:
    try:
        with path.open("rb") as file:
            document = json.loads(file.read(LARGEST_STATE))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _lives(path: Path) -> bool:
    """Tells whether somebody holds the lock; shared, so that two who ask do not take each other for a holder."""
    try:
        lock = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        with contextlib.suppress(OSError):
            os.close(lock)
    return False
