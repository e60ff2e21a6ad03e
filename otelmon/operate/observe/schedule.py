"""When which look is due, and how long to wait before connecting again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from random import Random

JITTER_RATIO = 0.1
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0


@dataclass(slots=True)
class Schedule:
    """Holds when each name is due next, in seconds of a clock that never goes back.

    All are due at the beginning. Jitter spreads those of many observers; a reading that was late is not made up for.
    """

    intervals: Mapping[str, float]
    random: Random
    _due: dict[str, float] = field(default_factory=dict)

    def next(self) -> tuple[str, float]:
        """Returns what is due first, and when."""
        return min(((name, self._due.get(name, 0.0)) for name in self.intervals), key=lambda each: each[1])

    def done(self, name: str, now: float) -> None:
        """Writes down that a name was seen to now."""
        self._due[name] = now + self.intervals[name] * self.random.uniform(1 - JITTER_RATIO, 1 + JITTER_RATIO)

    def hasten(self, names: Iterable[str]) -> None:
        """Makes names due now."""
        self._due.update(dict.fromkeys(names, 0.0))


@dataclass(slots=True)
class Backoff:
    """Holds how often connecting has failed in a row."""

    random: Random
    failures: int = 0

    def next(self) -> float:
        """Returns how long to wait, in seconds: twice as long each time, between half of that and all of it."""
        longest = min(FIRST_WAIT * 2 ** min(self.failures, 16), LONGEST_WAIT)
        self.failures += 1
        return self.random.uniform(longest / 2, longest)

    def forget(self) -> None:
        """Begins anew after a success."""
        self.failures = 0
