"""Holds the figures of database calls: how long they took, how many were slow, and which were repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.registry.histograms import Histogram
from otelmon.registry.tally import Tallies

if TYPE_CHECKING:
    from collections.abc import Callable

DURATION, SLOW = "db.client.operation.duration", "otelmon.db.client.slow_operations"
REPEATED = "otelmon.db.client.n_plus_one"
# Source: https://opentelemetry.io/docs/specs/semconv/database/database-metrics/
BOUNDS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0)


class Operations:
    """Holds them by attribute set, at most ``limit`` sets for each figure.

    Args:
        limit: most attribute sets of an instrument.
        overflows: returns what counts a measurement that an instrument could not attribute.
    """

    def __init__(self, limit: int, overflows: Callable[[str], Callable[[], object]]) -> None:
        self.durations = Histogram(BOUNDS, limit, overflows(DURATION))
        self._slow: Tallies[tuple[str, str, str | None]] = Tallies(limit, overflows(SLOW))
        self._repeated: Tallies[tuple[str, str, str, str | None]] = Tallies(limit, overflows(REPEATED))

    def was_slow(self, operation: str, collection: str, namespace: str | None) -> None:
        """Counts one slow call."""
        self._slow.add((operation, collection, namespace))

    def slow(self) -> dict[tuple[str, str, str | None], int]:
        """Returns the number of slow calls by (operation, collection, namespace)."""
        return self._slow.snapshot()

    def was_repeated(self, kind: str, operation: str, collection: str, namespace: str | None) -> None:
        """Counts one statement that a request executed again and again."""
        self._repeated.add((kind, operation, collection, namespace))

    def repeated(self) -> dict[tuple[str, str, str, str | None], int]:
        """Returns the number of repeated statements by (kind, operation, collection, namespace)."""
        return self._repeated.snapshot()

    def after_fork(self) -> None:
        """Begins everything at zero in a forked child."""
        self.durations.clear()
        self._slow.clear()
        self._repeated.clear()
