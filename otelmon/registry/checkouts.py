"""Follows connections from the moment a pool hands them out until they come back."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from otelmon.records import Holder, LateReturn, Leak
from otelmon.rules.connection_leak import is_overdue, leak_kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.records import Checkout

# Far above any real number of connections in one process; a bound all the same.
MOST_CHECKOUTS = 100_000
MOST_NOTES = 1000


class _Followed:
    """Holds what earlier looks at one checkout have shown; the watch thread alone uses it."""

    __slots__ = ("busy_noted", "checkout", "needed_ns")

    def __init__(self, checkout: Checkout) -> None:
        self.checkout = checkout
        self.needed_ns = checkout.since_ns
        self.busy_noted = False


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
        self._followed: dict[int, _Followed] = {}
        # Asked at every return: empty unless something is leaked.
        self.reported: dict[int, Leak] = {}
        self._lost: deque[Leak] = deque(maxlen=MOST_NOTES)
        self._late: deque[LateReturn] = deque(maxlen=MOST_NOTES)
        self._busy: deque[Holder] = deque(maxlen=MOST_NOTES)

    def take(self, key: int, checkout: Checkout) -> bool:
        """Notes a connection as out and returns whether it was not out already; the older note stays."""
        if len(self._held) >= self._limit:
            self._overflowed()
            return key not in self._held
        return self._held.setdefault(key, checkout) is checkout

    def give_back(self, key: int) -> Checkout | None:
        """Returns what was noted, so that it is not out any more; None where nothing was."""
        return self._held.pop(key, None)

    def returned(self, key: int, checkout: Checkout, now_ns: int) -> None:
        """Notes that the pool has accepted what was given back; a leak that was reported was a late return."""
        leak = self.reported.pop(key, None)
        if leak is not None and leak.checkout is checkout:
            self._late.append(LateReturn(leak, now_ns - checkout.since_ns))

    def forget(self, key: int) -> None:
        """Forgets a connection whose pool was closed."""
        self._held.pop(key, None)
        self.reported.pop(key, None)

    def lost(self, key: int, now_ns: int) -> Leak | None:
        """Notes that a connection was collected and returns the leak that this is, unless it is known already."""
        checkout, reported = self._held.pop(key, None), self.reported.pop(key, None)
        if checkout is None or (reported is not None and reported.checkout is checkout):
            return None
        leak = Leak(checkout, "abandoned", now_ns - checkout.since_ns)
        self._lost.append(leak)
        return leak

    def held(self) -> tuple[Checkout, ...]:
        """Returns everything that is out."""
        return tuple(self._held.copy().values())

    def look(self, now_ns: int) -> tuple[Leak, ...]:
        """Returns what has been out for too long without being needed, each checkout once; for the watch thread."""
        held = self._held.copy()
        self._followed = {key: self._follow(key, checkout) for key, checkout in held.items()}
        leaks = (self._leak(key, followed, now_ns) for key, followed in self._followed.items())
        return tuple(leak for leak in leaks if leak is not None)

    def _follow(self, key: int, checkout: Checkout) -> _Followed:
        known = self._followed.get(key)
        return known if known is not None and known.checkout is checkout else _Followed(checkout)

    def _leak(self, key: int, followed: _Followed, now_ns: int) -> Leak | None:
        checkout = followed.checkout
        reported = self.reported.get(key)
        if reported is not None and reported.checkout is checkout:
            return None
        use = checkout.connection.use() if checkout.connection is not None else None
        kind = leak_kind(use)
        if kind is None:
            self._needed(followed, now_ns)
        elif is_overdue(followed.needed_ns, now_ns, self._leak_after_ms):
            return self._standing(key, Leak(checkout, kind, now_ns - checkout.since_ns))
        return None

    def _needed(self, followed: _Followed, now_ns: int) -> None:
        followed.needed_ns = now_ns
        since_ns = followed.checkout.since_ns
        if not followed.busy_noted and is_overdue(since_ns, now_ns, self._leak_after_ms):
            followed.busy_noted = True
            self._busy.append(Holder(followed.checkout, now_ns - since_ns, "busy"))

    def _standing(self, key: int, leak: Leak) -> Leak | None:
        self.reported[key] = leak
        if self._held.get(key) is leak.checkout:
            return leak
        # It came back within this very look: no leak, unless the return has seen the report and takes it back.
        return leak if self.reported.pop(key, None) is None else None

    def drain_lost(self) -> tuple[Leak, ...]:
        """Returns what was collected since the last call."""
        return tuple(self._lost.popleft() for _ in range(len(self._lost)))

    def drain_late(self) -> tuple[LateReturn, ...]:
        """Returns what came back, after it had been reported, since the last call."""
        return tuple(self._late.popleft() for _ in range(len(self._late)))

    def drain_busy(self) -> tuple[Holder, ...]:
        """Returns what was noted, since the last call, as out for long with a statement running."""
        return tuple(self._busy.popleft() for _ in range(len(self._busy)))

    def held_longest_ns(self, now_ns: int) -> dict[str, int]:
        """Returns, per pool with a connection out, how long the oldest has been out, in nanoseconds."""
        longest: dict[str, int] = {}
        for each in self.held():
            longest[each.pool_name] = max(longest.get(each.pool_name, 0), now_ns - each.since_ns)
        return longest
