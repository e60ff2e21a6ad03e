"""Measures what otelmon costs on the application's threads: some of the calls that pass the guard, by their own clock.

Looking at stacks from the watch thread would not do: it gets the interpreter where other threads wait for a server, and
so hardly ever finds them in otelmon's code. Every entry from outside passes the guard, so its calls are timed instead,
one in sixteen, at random, so that no rhythm of the application hides one kind. A call within another belongs to it.
"""

from __future__ import annotations

import inspect
import random
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from otelmon import guard

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

P = ParamSpec("P")
R = TypeVar("R")
BITS = 4
ONE_IN = 1 << BITS
# More than a window brings; what is beyond is missing from the estimate.
MOST_SAMPLES = 200_000
# As deep as a guarded call lies within another.
MOST_FRAMES = 30
_TRIES = 50


class EntryMeter:
    """Stands in front of the guard and times one call in sixteen.

    Args:
        own_idents: returns the threads of otelmon, whose time is known otherwise.
    """

    def __init__(self, own_idents: Callable[[], Collection[int]]) -> None:
        self._own_idents = own_idents
        self._samples: deque[int] = deque(maxlen=MOST_SAMPLES)
        # Not the application's source of random numbers, whose order may matter to it.
        self._bits = random.Random().getrandbits  # noqa: S311 - a sample, no secret
        self._empty_ns = min(self._nothing() for _ in range(_TRIES))

    @staticmethod
    def _nothing() -> int:
        begin = time.thread_time_ns()
        return time.thread_time_ns() - begin

    def call(self, where: guard.Site, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R | None:
        """Calls a function behind the guard, as ``guard.call`` does."""
        if self._bits(BITS):
            return guard.call_unmeasured(where, function, *args, **kwargs)
        begin = time.thread_time_ns()
        try:
            return guard.call_unmeasured(where, function, *args, **kwargs)
        finally:
            spent = time.thread_time_ns() - begin
            if threading.get_ident() not in self._own_idents() and not self._is_within():
                self._samples.append(max(spent - self._empty_ns, 0))

    def _is_within(self) -> bool:
        frame, found = inspect.currentframe(), 0
        for _ in range(MOST_FRAMES):
            if frame is None:
                break
            found += frame.f_code is _CALL
            frame = frame.f_back
        # The first one is that which asks.
        return found > 1

    def spent_ns(self) -> int:
        """Returns the estimate of what all calls cost since the last question."""
        samples = [self._samples.popleft() for _ in range(len(self._samples))]
        return ONE_IN * sum(samples)


_CALL = EntryMeter.call.__code__
