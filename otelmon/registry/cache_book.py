"""Counts what happens to one cache that an adapter watches."""

from __future__ import annotations

import itertools
import time
from collections import OrderedDict, deque
from dataclasses import replace
from typing import TYPE_CHECKING

from otelmon import guard
from otelmon.records import CacheState
from otelmon.registry.key_memory import KeyMemory

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from otelmon.records import MissCause

_SITE = guard.site("registry.cache_book")
_CAUSES: tuple[MissCause, ...] = ("absent", "expired", "evicted")
MOST_PENDING = 1000
MOST_LOADS = 100_000
# A store that comes later has nothing to do with the miss.
LONGEST_LOAD_NS = 60_000_000_000


class _Count:
    """Counts in one step; read by one thread at a time, it needs no lock that a fork could leave behind."""

    __slots__ = ("_reads", "add")

    def __init__(self) -> None:
        self.add: Callable[[], int] = itertools.count().__next__
        self._reads = 0

    def value(self) -> int:
        """Returns the count; a read takes a number as well, and those of earlier reads are subtracted."""
        value = self.add() - self._reads
        self._reads += 1
        return value


class CacheBook:
    """Holds the counts of one cache: a hit is one step, a miss and a store are a few, and none waits.

    Args:
        size: returns the entries of the cache, without waiting; None where that is not known.
        loaded: takes the time of each load, in nanoseconds, for the histogram.
        shared: whether other processes write to the same cache.
        counts: which of ``evictions``, ``stale_hits`` and ``saved_points`` the adapter sees, so that none seen is none.
    """

    def __init__(
        self,
        size: Callable[[], int | None] = lambda: None,
        loaded: Callable[[int], object] = lambda _: None,
        *,
        shared: bool = False,
        counts: Collection[str] = (),
    ) -> None:
        self._size = size
        self._loaded = loaded
        self._uncounted = dict.fromkeys({"evictions", "stale_hits", "saved_points"} - set(counts))
        self.keys = KeyMemory(shared=shared)
        self._hits, self._stale, self._points, self._evictions, self._unexplained = (_Count() for _ in range(5))
        self._explained = {cause: _Count() for cause in _CAUSES}
        # Called on every hit, hence not behind the guard: neither of them can fail.
        self.hit = self._hits.add
        self.stale_hit = self._stale.add
        self.saved_point = self._points.add
        self.evicted = self._evictions.add
        self._pending: OrderedDict[int, int] = OrderedDict()
        self._times: deque[int] = deque(maxlen=MOST_LOADS)
        self._loads = self._load_ns = 0

    def missed(self, key: object, now: float | None = None) -> None:
        """Counts a miss, by its cause where that is known, and waits for the store that follows.

        Args:
            key: what was looked up.
            now: on the clock that ends of times are given in; the monotonic one where it is not given.
        """
        guard.call(_SITE, self._missed, key, now)

    def _missed(self, key: object, now: float | None) -> None:
        self.missed_because(self.keys.cause(key, time.monotonic() if now is None else now))
        self._pending[hash(key)] = time.perf_counter_ns()
        if len(self._pending) > MOST_PENDING:
            self._pending.popitem(last=False)

    def missed_because(self, cause: MissCause | None) -> None:
        """Counts a miss whose cause the adapter knows; None where nobody knows it."""
        (self._unexplained if cause is None else self._explained[cause]).add()

    def stored(self, key: object, ttl: float | None = None, *, end: float | None = None) -> None:
        """Notes a store; where it follows a miss of the key, the time between is that of a load.

        Args:
            key: what was stored.
            ttl: seconds until the entry expires; None where it does not.
            end: when it expires, on the clock that is given to ``missed``; instead of ``ttl``.
        """
        guard.call(_SITE, self._stored, key, ttl, end)

    def _stored(self, key: object, ttl: float | None, end: float | None) -> None:
        self.keys.stored(key, end if ttl is None else time.monotonic() + ttl)
        since = self._pending.pop(hash(key), None)
        if since is not None:
            self.loaded(time.perf_counter_ns() - since)

    def loaded(self, duration_ns: int) -> None:
        """Takes the time in which an entry was made anew, in nanoseconds."""
        if 0 <= duration_ns <= LONGEST_LOAD_NS:
            self._times.append(duration_ns)
            self._loaded(duration_ns)

    def removed(self, key: object) -> None:
        """Notes that the application has removed a key."""
        guard.call(_SITE, self.keys.removed, key)

    def state(self) -> CacheState:
        """Returns the totals; called by one thread at a time."""
        causes = {cause: count.value() for cause, count in self._explained.items()}
        for _ in range(len(self._times)):
            self._load_ns += self._times.popleft()
            self._loads += 1
        seen = CacheState(
            hits=self._hits.value(),
            misses=self._unexplained.value() + sum(causes.values()),
            evictions=self._evictions.value(),
            size=self._size(),
            stale_hits=self._stale.value(),
            **causes,
            loads=self._loads,
            load_ns=self._load_ns,
            saved_points=self._points.value(),
        )
        return replace(seen, **self._uncounted)
