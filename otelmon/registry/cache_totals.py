"""Turns what cache readers say into totals that only grow."""

from __future__ import annotations

import logging
import threading
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from otelmon.records import CacheState
from otelmon.registry.known_figures import known_cache_state

if TYPE_CHECKING:
    from otelmon.registry.named_readers import NamedReaders, Progress

_logger = logging.getLogger("otelmon")
_TOTALS = tuple(field.name for field in fields(CacheState) if field.name not in ("size", "saved_ns"))


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


class SavedTime:
    """Adds up what hits have saved: each is worth the mean time of the loads known when it is first seen."""

    __slots__ = ("_credited", "_saved_ns")

    def __init__(self) -> None:
        self._credited = 0
        self._saved_ns = 0

    def follow(self, state: CacheState) -> int | None:
        """Returns the nanoseconds saved until now; None while no load has been measured."""
        if not state.loads or state.load_ns is None:
            return None
        hits = (state.hits or 0) + (state.stale_hits or 0)
        fresh, self._credited = max(0, hits - self._credited), max(hits, self._credited)
        self._saved_ns += fresh * state.load_ns // state.loads
        return self._saved_ns


class CacheTotals:
    """Follows all caches; a reading that meets another one in progress changes nothing."""

    def __init__(self, readers: NamedReaders[CacheState]) -> None:
        self._readers = readers
        self._inherited: set[str] = set()
        self._told: set[str] = set()
        self._clear()

    def _clear(self) -> None:
        self._lock = threading.Lock()
        self._totals: dict[tuple[str, str], RunningTotal] = {}
        self._saved: dict[str, SavedTime] = {}
        self._last: dict[str, CacheState] = {}

    def read(self, progress: Progress | None = None) -> None:
        """Reads every cache, unless the round has ended meanwhile."""
        lock = self._lock
        if not lock.acquire(blocking=False):
            return
        try:
            states = self._readers.read(known_cache_state, progress)
            if progress is None or not progress.ended:
                self._last = {name: self._follow(name, state) for name, state in states.items()}
        finally:
            lock.release()

    def abandon(self) -> None:
        """Lets others read although a reading has not come back."""
        self._lock = threading.Lock()

    def last(self) -> dict[str, CacheState]:
        """Returns the state of every cache that could be read."""
        return dict(self._last)

    def _follow(self, name: str, state: CacheState) -> CacheState:
        grown = {field: self._total(name, field).follow(getattr(state, field)) for field in _TOTALS}
        self._tell(name, state, grown)
        seen = replace(state, **grown)
        return replace(seen, saved_ns=self._saved.setdefault(name, SavedTime()).follow(seen))

    def _tell(self, name: str, state: CacheState, grown: dict[str, int | None]) -> None:
        """Says once for each cache that its counts have gone back; to zero they do whenever a cache is cleared."""
        back = [field for field in _TOTALS if getattr(state, field) and grown[field] is None]
        if back and name not in self._told:
            self._told.add(name)
            _logger.warning("cache_counts_went_back name=%s fields=%s", name, ",".join(back))

    def _total(self, name: str, field: str) -> RunningTotal:
        total = self._totals.get((name, field))
        if total is None:
            # Unknown, not zero: an inherited cache has counted before, and only from the first reading on is it ours.
            total = self._totals[name, field] = RunningTotal(None if name in self._inherited else 0)
        return total

    def remove(self, name: str) -> None:
        """Forgets the totals of a cache."""
        self._inherited.discard(name)
        self._told.discard(name)
        self._saved.pop(name, None)
        for field in _TOTALS:
            self._totals.pop((name, field), None)

    def after_fork(self) -> None:
        """Starts from zero in a forked child: what its caches counted so far, the parent has reported."""
        self._clear()
        self._inherited = set(self._readers.names())
