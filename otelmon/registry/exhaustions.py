"""Notes when a pool has no connection to give, and who holds them then."""

from __future__ import annotations

import heapq
from collections import deque
from typing import TYPE_CHECKING

from otelmon.records import Exhaustion, Holder
from otelmon.registry.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from otelmon.records import Checkout, PoolState

MOST_HOLDERS = 10
# Between two looks of the watch; what comes on top is counted by the pool's timeouts all the same.
MOST_EPISODES = 1000


class _Episode:
    __slots__ = ("asked", "holders", "refused", "state", "waiting")

    def __init__(self, asked: Checkout, state: PoolState, holders: tuple[Holder, ...]) -> None:
        self.asked = asked
        self.state = state
        self.holders = holders
        self.refused = Tally()
        # Keys of requests; adding and discarding are atomic.
        self.waiting: set[int] = set()

    def is_over(self) -> bool:
        """Tells whether nobody was refused and nobody waits any more."""
        return not self.waiting and not self.refused.value()


class Exhaustions:
    """Holds one episode per pool, from the first request that is refused or waits; takes no lock.

    It lasts until a checkout succeeds again and nobody waits.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forgets every episode."""
        # Read by every checkout: empty unless a pool is exhausted.
        self.open: dict[str, _Episode] = {}
        self._noted: deque[_Episode] = deque(maxlen=MOST_EPISODES)

    def refused(self, asked: Checkout, state: PoolState, held: Callable[[], Iterable[Checkout]]) -> None:
        """Notes a refused request; the first of an episode also notes who holds the pool's connections.

        Args:
            asked: who asked in vain, of which pool and when.
            state: what the pool looked like.
            held: returns everything that is out, of any pool.
        """
        self._episode(asked, state, held).refused.add()

    def waits(self, key: int, asked: Checkout, state: PoolState, held: Callable[[], Iterable[Checkout]]) -> None:
        """Notes a request that has to wait, as ``refused`` does; ``key`` is its own until it is served or gives up."""
        self._episode(asked, state, held).waiting.add(key)

    def waited(self, key: int, pool_name: str) -> None:
        """Notes that a request waits no more."""
        episode = self.open.get(pool_name)
        if episode is not None:
            episode.waiting.discard(key)

    def _episode(self, asked: Checkout, state: PoolState, held: Callable[[], Iterable[Checkout]]) -> _Episode:
        known = self.open.get(asked.pool_name)
        if known is not None:
            return known
        fresh = _Episode(asked, state, _oldest(asked, held()))
        episode = self.open.setdefault(asked.pool_name, fresh)
        if episode is fresh:
            self._noted.append(fresh)
        return episode

    def served(self, pool_name: str) -> None:
        """Notes that a pool had a connection to give again; while others wait it has not enough."""
        episode = self.open.get(pool_name)
        if episode is not None and not episode.waiting:
            self.end(pool_name)

    def end(self, pool_name: str) -> None:
        """Ends the episode of a pool, which is gone or has connections to give."""
        self.open.pop(pool_name, None)

    def now(self) -> frozenset[str]:
        """Returns the names of the pools that have had no connection to give since somebody asked in vain."""
        return frozenset(name for name, episode in self.open.copy().items() if not episode.is_over())

    def drain(self) -> tuple[Exhaustion, ...]:
        """Returns the episodes that have begun since the last call; one whose waiters were all served is none."""
        begun = [self._noted.popleft() for _ in range(len(self._noted))]
        for each in begun:
            if each.is_over() and self.open.get(each.asked.pool_name) is each:
                self.end(each.asked.pool_name)
        return tuple(
            Exhaustion(each.asked, each.state, each.holders, each.refused.value(), len(each.waiting))
            for each in begun
            if not each.is_over()
        )


def _oldest(asked: Checkout, held: Iterable[Checkout]) -> tuple[Holder, ...]:
    of_the_pool = (each for each in held if each.pool_name == asked.pool_name)
    oldest = heapq.nsmallest(MOST_HOLDERS, of_the_pool, key=lambda each: each.since_ns)
    return tuple(
        Holder(each, max(0, asked.since_ns - each.since_ns), each.connection.use() if each.connection else None)
        for each in oldest
    )
