"""The CPU time of another process and its children, in nanoseconds where /proc counts hundredths of a second."""

from __future__ import annotations

import time
from pathlib import Path

# Linux' number of the clock of a whole process, all its threads, by its id (CPUCLOCK_SCHED in posix-timers.h).
_SCHEDULED = 2


def cpu_ns(process_id: int) -> int:
    """Returns the CPU time of one process."""
    return time.clock_gettime_ns((~process_id << 3) | _SCHEDULED)


def family(process_id: int) -> list[int]:
    """Returns a process and its children, their children too."""
    found = [process_id]
    for children in Path(f"/proc/{process_id}/task").glob("*/children"):
        for child in children.read_text().split():
            found += family(int(child))
    return found


def family_cpu_ns(process_id: int) -> int:
    """Returns the CPU time of a process and of its children that live."""
    return sum(cpu_ns(each) for each in family(process_id))
