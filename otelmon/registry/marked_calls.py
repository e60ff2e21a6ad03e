"""Counts slow and failed calls by statement and minute, so that less of them can be sent without a count being lost."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

# Statements of one minute; what comes after has no rank of its own and shares one count.
MOST = 1000
MINUTE_NS = 60_000_000_000
OTHER = "other"


class MarkedStatement(NamedTuple):
    """Holds one statement's calls in one minute; ``minute`` is unix time in minutes."""

    minute: int
    fingerprint: str
    attributes: Mapping[str, str | int | float | bool]
    calls: int


class MarkedCalls:
    """Holds the counts of the minute that runs and of those that nobody has asked for yet."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forgets everything, and makes a new lock: the parent's may be held for ever in a forked child."""
        self._counts: dict[tuple[int, str], MarkedStatement] = {}
        self._lock = threading.Lock()

    def rank(self, fingerprint: str, attributes: Mapping[str, str | int | float | bool], ended_ns: int) -> int:
        """Counts one call and returns the how manieth of its statement and minute it is, from 1.

        Args:
            fingerprint: names the statement.
            attributes: what is told of the statement with the count.
            ended_ns: unix time in nanoseconds.
        """
        minute = ended_ns // MINUTE_NS
        with self._lock:
            key = (minute, fingerprint)
            if key not in self._counts and len(self._counts) >= MOST:
                key, attributes = (minute, OTHER), {}
            known = self._counts.get(key)
            calls = 1 if known is None else known.calls + 1
            told = attributes if known is None else known.attributes
            self._counts[key] = MarkedStatement(minute, key[1], told, calls)
        return calls

    def ended(self, now_ns: int) -> list[MarkedStatement]:
        """Returns the counts of the minutes before this one, and forgets them."""
        this = now_ns // MINUTE_NS
        with self._lock:
            keys = [key for key in self._counts if key[0] < this]
            return [self._counts.pop(key) for key in keys]
