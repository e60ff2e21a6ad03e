"""Lets a bounded number of things happen in a second, and fewer in a flood."""

from __future__ import annotations

# So many pauses one after the other are a flood, and then a fifth of the usual is granted: what answers a flood shares
# the processor and Python's lock with the application, of which less than one request in a hundred is to notice.
PAUSES_OF_A_FLOOD = 10
SHARE_IN_A_FLOOD = 0.2


class Pace:
    """Grants ``a_second`` on average and ``burst`` at once; when all are used, several at a time after a pause.

    A flood then wakes the thread that answers it a few times a second, and not for every caller.
    """

    def __init__(self, a_second: float, burst: int, now: float) -> None:
        self._a_second = a_second
        self._burst = burst
        self._left = float(burst)
        self._at = self._used_up_at = now
        self._pauses = 0
        self._pausing = False

    @property
    def _rate(self) -> float:
        return self._a_second * (SHARE_IN_A_FLOOD if self._pauses >= PAUSES_OF_A_FLOOD else 1.0)

    def _refill(self, now: float) -> None:
        self._left = min(float(self._burst), self._left + max(0.0, now - self._at) * self._rate)
        self._at = now

    def pause(self, now: float) -> float:
        """Returns the seconds until something is granted again, 0 where it is now."""
        self._refill(now)
        wanted = self._burst if self._pausing else 1.0
        if self._left >= wanted:
            self._pausing = False
            return 0.0
        return (wanted - self._left) / self._rate

    def take(self, now: float) -> None:
        """Uses one up."""
        self._left -= 1.0
        if self._left < 1.0:
            # Two pauses with time to spare between them are none of one flood.
            lasting = now - self._used_up_at < 2 * self._burst / self._rate
            self._pauses = self._pauses + 1 if lasting else 1
            self._used_up_at = now
            self._pausing = True
