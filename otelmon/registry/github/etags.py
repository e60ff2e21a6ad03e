"""Remembers the entity tags that GitHub gave, to find conditional requests that could have been made."""

from __future__ import annotations

MOST_ADDRESSES = 20_000


class Etags:
    """Holds hashes of entity tags by hashes of URLs, at most twice ``limit`` of them; the oldest go first."""

    def __init__(self, limit: int = MOST_ADDRESSES) -> None:
        self._limit = limit
        self.clear()

    def clear(self) -> None:
        """Forgets every tag."""
        self._young: dict[int, int] = {}
        self._old: dict[int, int] = {}

    def is_known(self, address: int, etag: int) -> bool:
        """Tells whether an answer came with this very tag before, and remembers it."""
        known = self._young.get(address)
        if known == etag:
            return True
        if known is None:
            known = self._old.get(address)
            if len(self._young) >= self._limit:
                self._old, self._young = self._young, {}
        self._young[address] = etag
        return known == etag
