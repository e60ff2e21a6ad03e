"""Remembers spans below which something notable has happened, though nobody sampled them."""

from __future__ import annotations

# Spans that are still open and have a promoted child: far more than one process has at a time.
MOST_SPANS = 20_000


class PromotedSpans:
    """Holds span ids, at most twice ``limit`` of them; the oldest go first, and no step takes a lock."""

    def __init__(self, limit: int = MOST_SPANS) -> None:
        self._limit = limit
        self.clear()

    def clear(self) -> None:
        """Forgets every span."""
        self._young: set[int] = set()
        self._old: set[int] = set()

    def add(self, span_id: int) -> None:
        """Remembers one span."""
        if len(self._young) >= self._limit:
            self._old, self._young = self._young, set()
        self._young.add(span_id)

    def __bool__(self) -> bool:
        return bool(self._young or self._old)

    def __contains__(self, span_id: int) -> bool:
        return span_id in self._young or span_id in self._old
