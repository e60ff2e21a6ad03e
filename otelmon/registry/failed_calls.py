"""Knows the errors that database calls have just ended with, so that whoever reports one can tell what it came of."""

from __future__ import annotations

import threading
import time
import weakref
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from otelmon.records import SpanIdentity

# Errors that wait to be reported, or are remembered while somebody still keeps them.
MOST = 1000
# Within this time an application has reported an error, or is not going to. Long requests may take longer.
SECONDS_HELD = 5.0
_DEEPEST = 10


class FailedCall(NamedTuple):
    """Holds the facts of one failed call and the span that it belongs to; ``at_ns`` is unix time in nanoseconds."""

    attributes: Mapping[str, str | int | float | bool]
    span: SpanIdentity
    at_ns: int


class FailedCalls:
    """Holds failed calls by the exception itself, which it does not keep alive; empty again in a forked child.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        # Whether anybody reports errors; until then nothing is held.
        self.is_wanted = False
        self._clock = clock
        self.clear()

    def clear(self) -> None:
        """Forgets everything, and makes a new lock: the parent's may be held for ever in a forked child."""
        # By identity, with a number of its own: an identity comes again once its exception is gone.
        self._known: dict[int, tuple[weakref.ref[BaseException], int, FailedCall]] = {}
        self._held: dict[int, tuple[float, FailedCall]] = {}
        self._reported: set[int] = set()
        self._last = 0
        # Re-entrant: an exception may die, and be forgotten, while a thread is within.
        self._lock = threading.RLock()

    def hold(self, error: BaseException, call: FailedCall) -> bool:
        """Takes an error; tells whether its event is held back until it is known whether it will be reported."""
        with self._lock:
            known = self._known.get(id(error))
            if known is not None and known[0]() is error:
                # The same error ended one call within another: its event is held already.
                return True
            if not self.is_wanted or len(self._known) >= MOST or len(self._held) >= MOST:
                return False
            return self._remember(error, call)

    def _remember(self, error: BaseException, call: FailedCall) -> bool:
        key = id(error)
        try:
            reference = weakref.ref(error, lambda gone: self._forget(key, gone))
        except TypeError:
            # Not every exception class of C can be referred to weakly.
            return False
        self._last += 1
        self._known[key] = (reference, self._last, call)
        self._held[self._last] = (self._clock(), call)
        return True

    def _forget(self, key: int, gone: object) -> None:
        with self._lock:
            if (known := self._known.get(key)) is not None and known[0] is gone:
                del self._known[key]

    def of(self, error: BaseException | None) -> FailedCall | None:
        """Returns the failed call behind an error, or behind what it was raised from; None where there is none."""
        found = self._find(error)
        return None if found is None else found[1]

    def report(self, error: BaseException | None) -> None:
        """Notes that an error has been reported."""
        found = self._find(error)
        with self._lock:
            if found is not None and found[0] in self._held:
                self._reported.add(found[0])

    def _find(self, error: BaseException | None) -> tuple[int, FailedCall] | None:
        for each in _chain(error):
            known = self._known.get(id(each))
            if known is not None and known[0]() is each:
                return known[1], known[2]
        return None

    def due(self, *, everything: bool = False) -> list[tuple[FailedCall, bool]]:
        """Returns the calls whose time is over, with whether they have been reported, and holds them no longer."""
        before = self._clock() - SECONDS_HELD
        with self._lock:
            numbers = [number for number, (since, _) in self._held.items() if everything or since <= before]
            over = [(self._held.pop(number)[1], number in self._reported) for number in numbers]
            self._reported.difference_update(numbers)
        return over


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yields an error and those that it was raised from; SQLAlchemy keeps the driver's in ``orig``."""
    for _ in range(_DEEPEST):
        if error is None:
            return
        yield error
        original = getattr(error, "orig", None)
        error = original if isinstance(original, BaseException) else error.__cause__ or error.__context__
