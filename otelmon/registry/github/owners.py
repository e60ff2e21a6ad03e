"""Knows whose budget a credential spends, where that has been proved."""

from __future__ import annotations

# Credentials of one process: an app with ten thousand installations has each of their tokens anew every hour.
MOST_CREDENTIALS = 50_000


class Owners:
    """Holds identities by hashed credential, at most twice ``limit`` of them; the oldest go first."""

    def __init__(self, limit: int = MOST_CREDENTIALS) -> None:
        self._limit = limit
        self.clear()

    def clear(self) -> None:
        """Forgets every identity."""
        self._young: dict[str, str] = {}
        self._old: dict[str, str] = {}

    def learn(self, credential: str, owner: str) -> None:
        """Takes in whom a credential belongs to."""
        if len(self._young) >= self._limit:
            self._old, self._young = self._young, {}
        self._young[credential] = owner

    def of(self, credential: str) -> str:
        """Returns the identity behind a credential, the credential's own name where that is not known."""
        owner = self._young.get(credential)
        return owner or self._old.get(credential, credential)
