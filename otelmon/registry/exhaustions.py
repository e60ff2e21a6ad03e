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
    __slots__ = ("asked", "holders", "refused", "state")

    def __init__(self, asked: Checkout, state: PoolState, holders: tuple[Holder, ...]) -> None:
        self.asked = asked
        self.state = state
        self.holders = holders
        self.refused = Tally()


class Exhaustions:
    """Holds one episode per pool, from the first refused request until a checkout succeeds again; takes no lock."""

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
        episode = self.open.get(asked.pool_name)
        if episode is None:
            fresh = _Episode(asked, state, _oldest(asked, held()))
            episode = self.open.setdefault(asked.pool_name, fresh)
            if episode is fresh:
                self._noted.append(fresh)
        episode.refused.add()

    def end(self, pool_name: str) -> None:
        """Notes that a pool has a connection to give again, or is gone."""
        self.open.pop(pool_name, None)

    def drain(self) -> tuple[Exhaustion, ...]:
        """Returns the episodes that have begun since the last call."""
        begun = [self._noted.popleft() for _ in range(len(self._noted))]
        return tuple(Exhaustion(each.asked, each.state, each.holders, each.refused.value()) for each in begun)


def _oldest(asked: Checkout, held: Iterable[Checkout]) -> tuple[Holder, ...]:
    of_the_pool = (each for each in held if each.pool_name == asked.pool_name)
    oldest = heapq.nsmallest(MOST_HOLDERS, of_the_pool, key=lambda each: each.since_ns)
    return tuple(
        Holder(each, max(0, asked.since_ns - each.since_ns), each.connection.use() if each.connection else None)
        for each in oldest
    )
