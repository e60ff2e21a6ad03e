"""Tells a process from a later one with the same number."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
BOOT = PROC / "sys/kernel/random/boot_id"
# Field 22 of /proc/<pid>/stat, counted from the state that follows the name in parentheses; see proc(5).
START_TIME_AFTER_NAME = 19


@dataclass(frozen=True, slots=True)
class Identity:
    """Holds what makes a process unique: its number, its start in clock ticks after boot, and the boot itself."""

    pid: int
    started: int
    boot: str

    @classmethod
    def of(cls, pid: int) -> Identity | None:
        """Returns the identity of a running process, or None when there is none; a zombie has ended."""
        try:
            after_name = (PROC / str(pid) / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2]
            boot = BOOT.read_text(encoding="ascii").strip()
        except OSError:
            return None
        fields = after_name.split()
        return None if fields[0] == "Z" else cls(pid, int(fields[START_TIME_AFTER_NAME]), boot)

    def runs(self) -> bool:
        """Tells whether this very process still runs."""
        return Identity.of(self.pid) == self
