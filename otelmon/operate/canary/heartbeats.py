"""Reads the files of OTELMON_HEARTBEAT_DIRECTORY: which processes are alive, and which have stopped without a word."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from otelmon.operate.overview.documents import mapping, number
from otelmon.watch.heartbeat import SUFFIX

if TYPE_CHECKING:
    from pathlib import Path

# Three of the usual intervals.
STALE_AFTER_SECONDS = 45.0
MOST_FILES = 10_000
LARGEST_FILE = 4096


@dataclass(frozen=True, slots=True)
class Sign:
    """Holds one process's last sign of life; the age in seconds."""

    service: str
    host: str
    pid: int
    age: float

    @property
    def state(self) -> str:
        """Returns alive or stale."""
        return "alive" if self.age <= STALE_AFTER_SECONDS else "stale"


def read(folder: Path, now: float) -> list[Sign]:
    """Returns the sign of each process; a file that cannot be read or understood is left out.

    Args:
        folder: one that processes beat into; nothing where it is not there.
        now: unix seconds.
    """
    paths = sorted(folder.glob(f"*{SUFFIX}"))[:MOST_FILES] if folder.is_dir() else []
    signs = (_sign(path, now) for path in paths)
    return [sign for sign in signs if sign is not None]


def _sign(path: Path, now: float) -> Sign | None:
    try:
        with path.open("rb") as file:
            said = mapping(json.loads(file.read(LARGEST_FILE)))
    except (OSError, ValueError):
        return None
    beat, pid = number(said.get("beat")), number(said.get("pid"))
    if beat is None or pid is None:
        return None
    return Sign(str(said.get("service", "")), str(said.get("host", "")), int(pid), max(0.0, now - beat))
