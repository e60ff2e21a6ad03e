"""Joins the tables into what hooks write to and gauges and the watch read from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.registry.cache_book import CacheBook
from otelmon.registry.cache_totals import CacheTotals
from otelmon.registry.call_seam import CallStarter, begin
from otelmon.registry.database_sessions import DatabaseSessions
from otelmon.registry.failed_calls import FailedCalls
from otelmon.registry.github import GitHubBook
from otelmon.registry.histograms import Histogram
from otelmon.registry.known_figures import known_pool_state
from otelmon.registry.late_sums import LateSums
from otelmon.registry.marked_calls import MarkedCalls
from otelmon.registry.named_readers import NamedReaders, Progress
from otelmon.registry.observed_caches import ObservedCaches
from otelmon.registry.operations import DURATION, Operations
from otelmon.registry.pooled_connections import PooledConnections
from otelmon.registry.promoted import PromotedSpans
from otelmon.registry.reader_thread import ReaderThread
from otelmon.registry.requests import Requests
from otelmon.registry.shed_work import ShedWork
from otelmon.registry.tally import Tallies

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from contextlib import AbstractContextManager

    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.trace import Tracer

    from otelmon.records import CacheState, PoolState, SpanIdentity
    from otelmon.settings import Settings

# More instruments than there are.
_INSTRUMENTS = 1000
LOAD_TIME = "otelmon.cache.load_time"
LOAD_BOUNDS = (0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0)


class HookRegistry:
    """Holds everything that hooks have seen in this process: bounded, in memory, empty again in a forked child.

    Nothing that a hook calls waits for another thread, and nothing that a gauge calls does.
    """

    # Returns what counts in the place of another's instrument; None where that counts by itself; launch puts it in.
    in_place_of: Callable[[object], Histogram | None] = staticmethod(lambda _: None)

    def __init__(self, settings: Settings) -> None:
        limit = settings.label_limit
        self.settings = settings
        # Who records database calls; launch puts it in, and until then nobody does.
        self.calls: CallStarter | None = None
        # Returns, for a tracer, what tells who takes finished spans of it; launch puts it in.
        self.finished_span_takers: Callable[[Tracer], Callable[[], Sequence[SpanProcessor]]] | None = None
        self._others: list[Histogram] = []
        self.late_sums = LateSums()
        self.promoted = PromotedSpans()
        # What is told of slow and failed calls later than they end.
        self.failed_calls = FailedCalls()
        self.marked_calls = MarkedCalls()
        # Who wants to know of a slow call at once, by its attributes and the span that it belongs to.
        self.on_slow: Callable[[Mapping[str, str | int | float | bool], SpanIdentity], object] | None = None
        self.requests = Requests()
        # What otelmon leaves undone where it would cost more than it may.
        self.shed = ShedWork()
        # Names of the hooks that are installed, so that one above another leaves the spans to it.
        self.observed: set[str] = set()
        self._overflow: Tallies[str] = Tallies(_INSTRUMENTS, lambda: None)
        # One pool gives two attribute sets (idle, used), one cache six (hit, stale hit, miss by three causes or none).
        half, sixth = max(1, limit // 2), max(1, limit // 6)
        self._pools: NamedReaders[PoolState] = NamedReaders(
            "registry.pool_reader", half, self._overflows("db.client.connection.count")
        )
        self._caches: NamedReaders[CacheState] = NamedReaders(
            "registry.cache_reader", sixth, self._overflows("otelmon.cache.requests")
        )
        self._cache_totals = CacheTotals(self._caches)
        self.cache_loads = self.other_histogram(LOAD_TIME, LOAD_BOUNDS)
        self.observed_caches = ObservedCaches(self.remove_cache)
        self._pool_states: dict[str, PoolState] = {}
        self.readers = ReaderThread(self._read_all, Progress, self._reader_hung)
        # What is remembered of connections from call to call; nothing where diagnostics are off.
        self.sessions = DatabaseSessions() if settings.db_diagnostics else None
        self.github = GitHubBook(limit, self._overflows)
        self.operations = Operations(limit, self._overflows)
        self.connections = PooledConnections(settings.leak_after_ms, limit, self._overflows)
        self.connections.direct.report = self.add_pool

    def _overflows(self, instrument: str) -> Callable[[], object]:
        return lambda: self._overflow.add(instrument)

    def overflow(self) -> dict[str, int]:
        """Returns how much was not attributed because a table was full, by instrument."""
        return self._overflow.snapshot()

    def histograms(self) -> dict[str, Histogram]:
        """Returns what is aggregated at the call, by metric name."""
        return {DURATION: self.operations.durations, LOAD_TIME: self.cache_loads, **self.connections.histograms}

    def other_histogram(self, name: str, bounds: tuple[float, ...]) -> Histogram:
        """Returns a histogram beside those of calls and pools, for a metric of this name; ``bounds`` in seconds."""
        made = Histogram(bounds, self.settings.label_limit, self._overflows(name))
        self._others.append(made)
        return made

    def database_call(
        self, system: str, connection_facts: Mapping[str, str | int | None], statement: object = ""
    ) -> AbstractContextManager[object]:
        """Observes one call to a database: a block around it gives the histogram entry, the leaf span and the events.

        Args:
            system: becomes ``db.system.name``, such as ``postgresql``.
            connection_facts: ``db.namespace``, ``server.address`` and ``server.port``, each where it is known.
            statement: text or bytes as the application gave it; it leaves the process redacted.
        """
        return begin(self.calls, system, connection_facts, statement)

    def add_pool(self, name: str, reader: Callable[[], PoolState], *, counted: bool = False) -> str:
        """Reports a connection pool.

        Args:
            name: becomes ``db.client.connection.pool.name``; a number is put behind it where it is taken.
            reader: takes nothing, returns a ``PoolState`` and never waits; it must not keep the pool alive.
            counted: whether the caller reports checkouts and timeouts too, so that these counts are known to be zero.

        Returns:
            The name under which the pool is reported.
        """
        used = self._pools.add(name, reader)
        if counted:
            self.connections.count(used)
        return used

    def remove_pool(self, name: str) -> None:
        """Forgets a pool; what was counted for it stays counted."""
        self._pools.remove(name)
        self.connections.remove(name)

    def pools(self) -> dict[str, PoolState]:
        """Returns the state of every pool by name; one that could not be read is absent."""
        self.readers.refresh()
        return dict(self._pool_states)

    def last_pools(self) -> dict[str, PoolState]:
        """Returns the state that every pool had when it was last read; nothing is read now."""
        return dict(self._pool_states)

    def _read_all(self, progress: Progress) -> None:
        pools = self._pools.read(known_pool_state, progress)
        if not progress.ended:
            self._pool_states = pools
            self._cache_totals.read(progress)

    def _reader_hung(self, progress: Progress) -> None:
        self._cache_totals.abandon()
        if progress.table is not None:
            progress.table.hung(progress.name)

    def add_cache(self, name: str, reader: Callable[[], CacheState]) -> str:
        """Reports a cache.

        Args:
            name: becomes ``cache.name``; a number is put behind it where it is taken.
            reader: takes nothing, returns a ``CacheState`` and never waits; it must not keep the cache alive.

        Returns:
            The name under which the cache is reported.
        """
        return self._caches.add(name, reader)

    def remove_cache(self, name: str) -> None:
        """Forgets a cache."""
        self._caches.remove(name)
        self._cache_totals.remove(name)

    def caches(self) -> dict[str, CacheState]:
        """Returns growing totals and the size of every cache by name; one that could not be read is absent."""
        self.readers.refresh()
        return self._cache_totals.last()

    def watch_cache(
        self,
        name: str,
        size: Callable[[], int | None] = lambda: None,
        *,
        shared: bool = False,
        counts: Collection[str] = (),
    ) -> tuple[str, CacheBook]:
        """Reports a cache that an adapter watches.

        Args:
            name: as of ``add_cache``.
            size: returns the cache's entries at once, without keeping the cache alive; None where they are not known.
            shared: whether other processes write to the same cache.
            counts: what of ``evictions``, ``stale_hits`` and ``saved_points`` the adapter sees.

        Returns:
            The name under which the cache is reported, and the book that the adapter writes to.
        """
        # A load is booked under the name that the cache has got, which is known only afterwards.
        used = [name]
        book = CacheBook(size, lambda ns: self._loaded(used[0], ns), shared=shared, counts=counts)
        used[0] = self.add_cache(name, book.state)
        return used[0], book

    def hanging_readers(self) -> tuple[str, ...]:
        """Returns the names of pools and caches that are not read any more, because their readers hung."""
        return (*self._pools.left_out(), *self._caches.left_out())

    def _loaded(self, name: str, duration_ns: int) -> None:
        self.cache_loads.cell(name, lambda: {"cache.name": name}).add(duration_ns)

    def after_fork(self) -> None:
        """Empties counts, budgets and checkouts in a forked child; its pools and caches stay readable."""
        self._overflow.clear()
        self.operations.after_fork()
        self.connections.after_fork()
        if self.sessions is not None:
            self.sessions.after_fork()
        self.promoted.clear()
        self.failed_calls.clear()
        self.marked_calls.clear()
        self.requests.clear()
        for each in self._others:
            each.clear()
        self.github.clear()
        self._cache_totals.after_fork()
        self.readers.after_fork()
