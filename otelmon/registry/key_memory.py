"""Remembers what became of the keys of a cache, so that the cause of a miss is known and not guessed."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from otelmon.records import MissCause

# A megabyte for a cache that uses all of it.
MOST_KEYS = 10_000
# Some caches keep ends of times in whole seconds. Within the last one, an entry may have expired or been evicted.
CLOCKS_DIFFER = 1.0


class KeyMemory:
    """Holds the hashes of at most ``limit`` keys that this process has stored, each with the end of its time.

    Keys themselves are not kept: they may be large or secret. Takes no lock: each step on the ordered dictionary, whose
    keys are plain integers, is one step of the interpreter.

    Args:
        shared: whether other processes write to the same cache, so that what this one does not know of may be theirs.
        limit: keys remembered; beyond it the oldest are forgotten, and the cause of their misses is unknown.
    """

    def __init__(self, *, shared: bool, limit: int = MOST_KEYS) -> None:
        self._shared = shared
        self._limit = limit
        self._forgot = False
        self._ends: OrderedDict[int, float | None] = OrderedDict()

    def stored(self, key: object, end: float | None) -> None:
        """Notes that a key has been stored until ``end``, on any clock; None where it does not expire."""
        self._ends[hash(key)] = end
        if len(self._ends) > self._limit:
            self._ends.popitem(last=False)
            self._forgot = True

    def removed(self, key: object) -> None:
        """Notes that the application has removed a key: to miss it then is to ask for what is absent."""
        self._ends.pop(hash(key), None)

    def forget(self) -> None:
        """Notes that the application has done what says nothing about single keys, such as setting a new time."""
        self._forgot = True
        self._ends.clear()

    def cleared(self) -> None:
        """Notes that the application has emptied the cache."""
        self._forgot = False
        self._ends.clear()

    def cause(self, key: object, now: float) -> MissCause | None:
        """Returns why a key is missing at ``now``; None where that cannot be known."""
        name = hash(key)
        if name not in self._ends:
            return None if self._shared or self._forgot else "absent"
        end = self._ends.pop(name, None)
        if end is not None and end <= now:
            return "expired"
        near = end is not None and end - CLOCKS_DIFFER <= now
        return None if self._shared or near else "evicted"
