"""Counts without a lock on the counting side.

A lock here could be taken twice by one thread: a signal handler or a garbage collection may run between two bytecodes
of the holder and count as well. ``itertools.count`` advances in one step instead.
"""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Key = TypeVar("Key", bound="Hashable")


class Tally:
    """Counts from zero; ``add`` is one atomic step, and reading never waits."""

    __slots__ = ("_last", "_lock", "_reads", "add")

    def __init__(self) -> None:
        self.add: Callable[[], int] = itertools.count().__next__
        self._reads = 0
        self._last = 0
        self._lock = threading.Lock()

    def value(self) -> int:
        """Returns the count; while another thread is reading, what was read last."""
        if self._lock.acquire(blocking=False):
            # A read takes a number as well, so the numbers taken by earlier reads are subtracted.
            self._last = self.add() - self._reads
            self._reads += 1
            self._lock.release()
        return self._last


class Tallies(Generic[Key]):
    """Holds one tally per key, at most ``limit`` of them; what belongs to no kept key goes to ``overflowed``."""

    def __init__(self, limit: int, overflowed: Callable[[], object]) -> None:
        self._limit = limit
        self._overflowed = overflowed
        self._tallies: dict[Key, Tally] = {}

    def open(self, key: Key) -> Tally | None:
        """Returns the tally of a key, at zero when it is new, or None when the table is full."""
        tally = self._tallies.get(key)
        if tally is None and len(self._tallies) < self._limit:
            tally = self._tallies.setdefault(key, Tally())
        return tally

    def counted(self, key: Key) -> bool:
        """Counts one where the key is kept already, and tells whether it is."""
        tally = self._tallies.get(key)
        if tally is None:
            return False
        tally.add()
        return True

    def add(self, key: Key) -> None:
        """Counts one."""
        tally = self._tallies.get(key) or self.open(key)
        if tally is None:
            self._overflowed()
        else:
            tally.add()

    def snapshot(self) -> dict[Key, int]:
        """Returns every count by its key."""
        return {key: tally.value() for key, tally in self._tallies.copy().items()}

    def clear(self) -> None:
        """Forgets every key."""
        self._tallies = {}
