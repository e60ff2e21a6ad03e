"""Lets a bounded number of things happen in a second."""

from __future__ import annotations


class Pace:
    """Grants ``a_second`` on average and ``burst`` at once; when all are used, several at a time after a pause.

    A flood then wakes the thread that answers it ten times a second, and not for every caller.
    """

    def __init__(self, a_second: float, burst: int, now: float) -> None:
        self._a_second = a_second
        self._burst = burst
        self._left = float(burst)
        self._at = now
        self._pausing = False

    def _refill(self, now: float) -> None:
        self._left = min(float(self._burst), self._left + max(0.0, now - self._at) * self._a_second)
        self._at = now

    def pause(self, now: float) -> float:
        """Returns the seconds until something is granted again, 0 where it is now."""
        self._refill(now)
        wanted = self._burst if self._pausing else 1.0
        if self._left >= wanted:
            self._pausing = False
            return 0.0
        return (wanted - self._left) / self._a_second

    def take(self) -> None:
        """Uses one up."""
        self._left -= 1.0
        self._pausing = self._left < 1.0
