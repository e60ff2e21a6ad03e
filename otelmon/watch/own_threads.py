"""The CPU time of otelmon's own threads, and of those that the SDK exports on."""

from __future__ import annotations

import sys
import threading
import time

# By what all of them are called: otelmon-watch, OtelBatchSpanRecordProcessor, OtelPeriodicExportingMetricReader.
NAMES = ("otelmon", "Otel")
# Linux' number of the clock of one thread, by its id (CPUCLOCK_SCHED with CPUCLOCK_PERTHREAD in posix-timers.h). An id
# that is gone gives an error, where pthread_getcpuclockid would look into freed memory.
_SCHEDULED_OF_THREAD = 6
IS_MEASURABLE = sys.platform == "linux"


def cpu_ns(native_id: int) -> int | None:
    """Returns the CPU time of a thread of this process in nanoseconds, None where it has ended."""
    try:
        return time.clock_gettime_ns((~native_id << 3) | _SCHEDULED_OF_THREAD)
    except OSError:
        return None


class OwnThreads:
    """Reads the clocks of own threads; a thread that begins and ends between two looks is not seen."""

    def __init__(self) -> None:
        self.idents: frozenset[int] = frozenset()
        self._known: dict[int, int] = {}
        self.spent_ns()

    def spent_ns(self) -> int:
        """Returns the nanoseconds that own threads have used since the last look."""
        threads = [each for each in threading.enumerate() if each.name.startswith(NAMES) and each.native_id is not None]
        self.idents = frozenset(each.ident for each in threads if each.ident is not None)
        read = ((each.native_id, cpu_ns(each.native_id)) for each in threads if each.native_id is not None)
        now = {native_id: used for native_id, used in read if used is not None}
        spent = sum(used - self._known.get(native_id, 0) for native_id, used in now.items())
        self._known = now
        return spent
