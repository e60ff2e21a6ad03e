"""Passes measured times from the application's threads to the watch, so that no call waits for a histogram."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# A second's worth for a process far busier than Python can be.
MOST_DURATIONS = 100_000


class Durations:
    """Holds at most ``limit`` times, each with the pool's name, until they are drained; takes no lock."""

    def __init__(self, overflowed: Callable[[], object], limit: int = MOST_DURATIONS) -> None:
        self._overflowed = overflowed
        self._limit = limit
        self.clear()

    def clear(self) -> None:
        """Forgets every time."""
        self._times: deque[tuple[str, int]] = deque()

    def add(self, pool_name: str, duration_ns: int) -> None:
        """Takes one time, in nanoseconds; one too many is counted as not attributed."""
        if len(self._times) < self._limit:
            self._times.append((pool_name, duration_ns))
        else:
            self._overflowed()

    def drain(self) -> list[tuple[str, int]]:
        """Returns pools and times since the last call, in their order."""
        return [self._times.popleft() for _ in range(len(self._times))]
