"""How much of its processors' time the host of a virtual machine gave to others while something was measured."""

from __future__ import annotations

from pathlib import Path

COUNTERS = Path("/proc/stat")
# Fields of the line ``cpu``, in ticks: user, nice, system, idle, iowait, irq, softirq, steal; guests are in user.
# Source: https://man7.org/linux/man-pages/man5/proc_stat.5.html
STEAL, FIELDS = 7, 8


def ticks(text: str) -> tuple[int, int]:
    """Returns the stolen ticks and all ticks since the start, from the text of /proc/stat."""
    counted = [int(each) for each in text.split("\n", 1)[0].split()[1 : 1 + FIELDS]]
    return counted[STEAL], sum(counted)


class Stolen:
    """Measures from when it is made."""

    def __init__(self) -> None:
        self._before = _now()

    def share(self) -> str:
        """Returns the share as a text in percent; ``unknown`` where the system does not count it."""
        after = _now()
        if self._before is None or after is None or after[1] <= self._before[1]:
            return "unknown"
        return f"{(after[0] - self._before[0]) / (after[1] - self._before[1]):.1%}"


def _now() -> tuple[int, int] | None:
    return ticks(COUNTERS.read_text(encoding="ascii")) if COUNTERS.exists() else None
