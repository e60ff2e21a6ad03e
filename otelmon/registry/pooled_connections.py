"""Joins what hooks of pools write: checkouts and returns, refused requests, and times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.registry.checkouts import Checkouts
from otelmon.registry.direct_connections import DirectConnections
from otelmon.registry.exhaustions import Exhaustions
from otelmon.registry.histograms import Histogram
from otelmon.registry.tally import Tallies
from otelmon.signals import POOL_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.records import Checkout, Exhaustion, Holder, LateReturn, Leak, LeakKind, PoolState
    from otelmon.registry.histograms import Cell

USE_TIME, CREATE_TIME = "db.client.connection.use_time", "db.client.connection.create_time"
WAIT_TIME = "db.client.connection.wait_time"
CHECKOUTS, LEAKED = "otelmon.db.client.connection.checkouts", "otelmon.db.client.connection.leaked"
TIMEOUTS, HELD_LONGEST = "db.client.connection.timeouts", "otelmon.db.client.connection.held_longest"
# As of db.client.operation.duration, and one more at the default of OTELMON_LEAK_AFTER.
BOUNDS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 60.0)
# Of a counted pool these are known to be zero until one happens.
_KINDS: tuple[LeakKind, ...] = ("idle", "in_transaction", "closed", "abandoned")
_KINDS_WITHOUT_POOL: tuple[LeakKind, ...] = ("in_transaction", "abandoned")


class PooledConnections:
    """Holds everything about connections of pools, under one name per pool; no step waits for another thread.

    Args:
        leak_after_ms: the time from which a connection that is out counts as leaked.
        limit: most attribute sets of an instrument.
        overflows: returns what counts a measurement that an instrument could not attribute.
    """

    def __init__(self, leak_after_ms: int, limit: int, overflows: Callable[[str], Callable[[], object]]) -> None:
        self._checkouts = Checkouts(leak_after_ms, overflows(HELD_LONGEST))
        self._exhaustions = Exhaustions()
        names = (USE_TIME, CREATE_TIME, WAIT_TIME)
        self.histograms = {name: Histogram(BOUNDS, limit, overflows(name)) for name in names}
        self._used_for, self._created_in, self._waited_for = (self.histograms[name] for name in names)
        self._counted: set[str] = set()
        self._taken: Tallies[str] = Tallies(limit, overflows(CHECKOUTS))
        self._leaked: Tallies[tuple[str, LeakKind]] = Tallies(limit, overflows(LEAKED))
        self._timeouts: Tallies[str] = Tallies(limit, overflows(TIMEOUTS))
        # Those that no pool has; what a pool hands out is taken out of it.
        self.direct = DirectConnections(leak_after_ms, self)

    def count_direct(self, name: str) -> None:
        """Lets the counts of connections without a pool begin at zero."""
        self._taken.open(name)
        for kind in _KINDS_WITHOUT_POOL:
            self._leaked.open((name, kind))

    def opened_directly(self, name: str) -> None:
        """Counts a connection that was opened without a pool."""
        self._taken.add(name)

    def leaked_directly(self, leak: Leak) -> None:
        """Counts a leaked connection without a pool."""
        self._leaked.add((leak.checkout.pool_name, leak.kind))

    def count(self, name: str) -> None:
        """Lets the counts of a pool begin at zero."""
        self._counted.add(name)
        self._taken.open(name)
        self._timeouts.open(name)
        for kind in _KINDS:
            self._leaked.open((name, kind))

    def remove(self, name: str) -> None:
        """Forgets a pool; what was counted for it stays counted."""
        self._counted.discard(name)
        self._exhaustions.end(name)

    def checked_out(self, key: int, checkout: Checkout) -> None:
        """Notes that a pool has handed out a connection; handed out twice under one key it counts once.

        Args:
            key: the identity of the connection while it lives.
            checkout: when, from which pool and by whom.
        """
        self.direct.pooled(key)
        if self._checkouts.take(key, checkout):
            self._taken.add(checkout.pool_name)
            if self._exhaustions.open:
                self._exhaustions.served(checkout.pool_name)

    def checked_in(self, key: int) -> Checkout | None:
        """Notes that a connection is on its way back; returns what was known of it."""
        return self._checkouts.give_back(key)

    def still_out(self, key: int, checkout: Checkout) -> None:
        """Takes a ``checked_in`` back: the pool did not accept the connection."""
        self._checkouts.take(key, checkout)

    def returned(self, key: int, checkout: Checkout, now_ns: int) -> None:
        """Notes that the pool has accepted what was checked in; ``now_ns`` is the monotonic clock."""
        _cell(self._used_for, checkout.pool_name).add(now_ns - checkout.since_ns)
        if self._checkouts.reported:
            self._checkouts.returned(key, checkout, now_ns)

    def forget(self, key: int) -> None:
        """Notes that a connection is gone with its pool, which was closed: no return, and no leak."""
        self._checkouts.forget(key)

    def lost(self, key: int, now_ns: int) -> None:
        """Notes that a connection was collected by the garbage collector; one that was out counts as leaked."""
        leak = self._checkouts.lost(key, now_ns)
        if leak is not None:
            self._leaked.add((leak.checkout.pool_name, leak.kind))

    def created(self, pool_name: str, duration_ns: int) -> None:
        """Takes the time that a pool needed to open a connection for a request."""
        _cell(self._created_in, pool_name).add(duration_ns)

    def refused(self, asked: Checkout, state: PoolState) -> None:
        """Counts a request for a connection that a pool could not serve.

        Args:
            asked: when, from which pool and by whom.
            state: what the pool looked like.
        """
        self._timeouts.add(asked.pool_name)
        self._exhaustions.refused(asked, state, self._checkouts.held)

    def waits(self, key: int, asked: Checkout, state: PoolState) -> None:
        """Notes a request that has to wait, for a pool has no connection to give; ``waited`` ends it.

        Args:
            key: the identity of the request while it waits.
            asked: when, from which pool and by whom.
            state: what the pool looks like.
        """
        self._exhaustions.waits(key, asked, state, self._checkouts.held)

    def waited(self, key: int, pool_name: str) -> None:
        """Notes that a request waits no more: it is served, was refused or has given up."""
        if self._exhaustions.open:
            self._exhaustions.waited(key, pool_name)

    def served_in(self, pool_name: str, duration_ns: int) -> None:
        """Takes the time from the moment that a connection was asked for until there was one."""
        _cell(self._waited_for, pool_name).add(duration_ns)

    def leaks(self, now_ns: int) -> tuple[Leak, ...]:
        """Returns the connections that are leaked since the last call, each once, and counts them.

        Args:
            now_ns: the monotonic clock, in nanoseconds.
        """
        late = self._checkouts.look(now_ns)
        for leak in late:
            self._leaked.add((leak.checkout.pool_name, leak.kind))
        return (*self._checkouts.drain_lost(), *late, *self.direct.look(now_ns))

    def returned_late(self) -> tuple[LateReturn, ...]:
        """Returns the leaked connections that came back since the last call."""
        return (*self._checkouts.drain_late(), *self.direct.drain_late())

    def busy(self) -> tuple[Holder, ...]:
        """Returns what ``leaks`` has found, since the last call, to be no leak because a statement runs on it."""
        return self._checkouts.drain_busy()

    def exhausted(self) -> tuple[Exhaustion, ...]:
        """Returns the episodes, begun since the last call, in which a pool had no connection to give."""
        return self._exhaustions.drain()

    def exhausted_now(self) -> frozenset[str]:
        """Returns the names of the pools that are in such an episode."""
        return self._exhaustions.now()

    def held(self) -> tuple[Checkout, ...]:
        """Returns everything that is out."""
        return self._checkouts.held()

    def held_longest_ns(self, now_ns: int) -> dict[str, int]:
        """Returns per counted pool how long its oldest checkout has been out, in nanoseconds; 0 when none is out."""
        return dict.fromkeys(self._counted.copy(), 0) | self._checkouts.held_longest_ns(now_ns)

    def checkouts(self) -> dict[str, int]:
        """Returns the number of checkouts by pool."""
        return self._taken.snapshot()

    def leaked(self) -> dict[tuple[str, LeakKind], int]:
        """Returns the number of leaked connections by (pool, kind)."""
        return self._leaked.snapshot()

    def timeouts(self) -> dict[str, int]:
        """Returns the number of requests for a connection that were refused, by pool."""
        return self._timeouts.snapshot()

    def after_fork(self) -> None:
        """Empties everything in a forked child; counts of its pools begin at zero."""
        for each in (self._taken, self._leaked, self._timeouts, self._checkouts, self._exhaustions, self.direct):
            each.clear()
        for histogram in self.histograms.values():
            histogram.clear()
        for name in self._counted.copy():
            self.count(name)


def _cell(histogram: Histogram, pool_name: str) -> Cell:
    return histogram.cell(pool_name, lambda: {POOL_NAME: pool_name})
