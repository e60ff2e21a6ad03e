"""Follows connections from the moment a pool hands them out until they come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.rules.connection_leak import overdue

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.records import Checkout

# Far above any real number of connections in one process; a bound all the same.
MOST_CHECKOUTS = 100_000


class Checkouts:
    """Holds what is checked out now; every step is one atomic operation on a dict, none takes a lock."""

    def __init__(self, leak_after_ms: int, overflowed: Callable[[], object], limit: int = MOST_CHECKOUTS) -> None:
        self._leak_after_ms = leak_after_ms
        self._overflowed = overflowed
        self._limit = limit
        self.clear()

    def clear(self) -> None:
        """Forgets every checkout."""
        self._held: dict[int, Checkout] = {}
        self._reported: dict[int, Checkout] = {}

    def take(self, key: int, checkout: Checkout) -> bool:
        """Notes a connection as out and returns whether it was not out already; the older note stays."""
        if len(self._held) >= self._limit:
            self._overflowed()
            return key not in self._held
        return self._held.setdefault(key, checkout) is checkout

    def give_back(self, key: int) -> Checkout | None:
        """Returns what was noted and forgets it; None where nothing was."""
        return self._held.pop(key, None)

    def overdue(self, now_ns: int) -> tuple[Checkout, ...]:
        """Returns the connections that have been out for too long, each once."""
        held = self._held.copy()
        self._reported = {key: known for key, known in self._reported.items() if held.get(key) is known}
        fresh = {id(each): key for key, each in held.items() if self._reported.get(key) is not each}
        late = overdue((held[key] for key in fresh.values()), now_ns, self._leak_after_ms)
        self._reported.update((fresh[id(each)], each) for each in late)
        return late

    def held_longest_ns(self, now_ns: int) -> dict[str, int]:
        """Returns, per pool with a connection out, how long the oldest has been out, in nanoseconds."""
        longest: dict[str, int] = {}
        for each in self._held.copy().values():
            longest[each.pool_name] = max(longest.get(each.pool_name, 0), now_ns - each.since_ns)
        return longest
