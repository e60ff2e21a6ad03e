"""Adds up amounts by key, for what a tally that counts one at a time is too slow for."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

Key = TypeVar("Key", bound="Hashable")


class Amounts(Generic[Key]):
    """Holds at most ``limit`` sums that only grow; what belongs to no kept key goes to ``overflowed``."""

    def __init__(self, limit: int, overflowed: Callable[[], object]) -> None:
        self._limit = limit
        self._overflowed = overflowed
        self.clear()

    def clear(self) -> None:
        """Forgets every sum, and makes a new lock, for the parent's may be held for ever in a forked child."""
        self._sums: dict[Key, int] = {}
        # Re-entrant: a signal handler that runs inside may count too.
        self._lock = threading.RLock()

    def add(self, key: Key, amount: int = 1) -> None:
        """Adds an amount, 0 included: a key that is known to be at zero is kept as well."""
        with self._lock:
            sums = self._sums
            before = sums.get(key)
            if before is not None:
                sums[key] = before + amount
            elif len(sums) < self._limit:
                sums[key] = amount
            else:
                self._overflowed()

    def snapshot(self) -> dict[Key, int]:
        """Returns every sum by its key, without waiting."""
        return self._sums.copy()


def summed(amounts: Iterable[tuple[Key, int]]) -> dict[Key, int]:
    """Returns the sums of amounts by key."""
    sums: dict[Key, int] = {}
    for key, amount in amounts:
        sums[key] = sums.get(key, 0) + amount
    return sums
