"""How long a thread of otelmon holds the interpreter before another thread may go on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# In seconds. Threads that nobody interrupts are interrupted after 5 ms (sys.getswitchinterval()).
LONGEST_HOLD = 0.001
# Whoever sleeps for no time at all has the interpreter back before a thread that waits for it has woken.
MOMENT = 50e-6
# Where many threads compute, a turn comes late: then it lasts for a tenth of the wait, so that work does not pile up.
LEAST_SHARE = 0.1


class Turns:
    """Takes turns with the threads of the application.

    Args:
        clock: in seconds.
        sleep: for so many seconds.
    """

    def __init__(
        self, clock: Callable[[], float] = time.perf_counter, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._began = clock()
        self._hold = LONGEST_HOLD

    def look(self) -> None:
        """Lets another thread go on if this one has held the interpreter for long enough."""
        if self._clock() - self._began > self._hold:
            self.take()

    def take(self) -> None:
        """Lets another thread go on now, before work that cannot be interrupted."""
        ended = self._clock()
        self._sleep(MOMENT)
        self._began = self._clock()
        self._hold = max(LONGEST_HOLD, (self._began - ended) * LEAST_SHARE)
