"""Turns what cache readers say into totals that only grow."""

from __future__ import annotations

import threading
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from otelmon.records import CacheState
from otelmon.registry.known_figures import known_cache_state

if TYPE_CHECKING:
    from otelmon.registry.named_readers import NamedReaders

_TOTALS = tuple(field.name for field in fields(CacheState) if field.name != "size")


class RunningTotal:
    """Follows one counter of a cache that may be set back at any time, as ``cache_clear()`` does."""

    __slots__ = ("_last", "_total")

    def __init__(self, start_from: int | None = 0) -> None:
        self._last = start_from
        self._total = 0

    def follow(self, reading: int | None) -> int | None:
        """Returns the total after one more reading; None when the reading is unknown or has gone backwards.

        After a step backwards the count goes on from there: what was counted in between is not known and not invented.
        """
        if reading is None:
            return None
        last, self._last = self._last, reading
        if last is None:
            return self._total
        if reading < last:
            return None
        self._total += reading - last
        return self._total


class CacheTotals:
    """Reads all caches; a reading that meets another one in progress returns what that one found before."""

    def __init__(self, readers: NamedReaders[CacheState]) -> None:
        self._readers = readers
        self._inherited: set[str] = set()
        self._clear()

    def _clear(self) -> None:
        self._lock = threading.Lock()
        self._totals: dict[tuple[str, str], RunningTotal] = {}
        self._last: dict[str, CacheState] = {}

    def snapshot(self) -> dict[str, CacheState]:
        """Returns the state of every cache that could be read."""
        if self._lock.acquire(blocking=False):
            try:
                self._last = {name: self._follow(name, state) for name, state in self._read().items()}
            finally:
                self._lock.release()
        return dict(self._last)

    def _read(self) -> dict[str, CacheState]:
        return self._readers.read(known_cache_state)

    def _follow(self, name: str, state: CacheState) -> CacheState:
        grown = {field: self._total(name, field).follow(getattr(state, field)) for field in _TOTALS}
        return replace(state, **grown)

    def _total(self, name: str, field: str) -> RunningTotal:
        total = self._totals.get((name, field))
        if total is None:
            # Unknown, not zero: an inherited cache has counted before, and only from the first reading on is it ours.
            total = self._totals[name, field] = RunningTotal(None if name in self._inherited else 0)
        return total

    def remove(self, name: str) -> None:
        """Forgets the totals of a cache."""
        self._inherited.discard(name)
        for field in _TOTALS:
            self._totals.pop((name, field), None)

    def after_fork(self) -> None:
        """Starts from zero in a forked child: what its caches counted so far, the parent has reported."""
        self._clear()
        self._inherited = set(self._readers.names())
