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
        # By hashed credential; on every request it is asked directly.
        self.known: dict[str, str] = {}

    def learn(self, credential: str, owner: str) -> None:
        """Takes in whom a credential belongs to."""
        known = self.known
        if len(known) >= 2 * self._limit:
            # Copied in one step, for other threads learn too.
            known = self.known = dict(list(known.items())[self._limit :])
        known[credential] = owner

    def of(self, credential: str) -> str:
        """Returns the identity behind a credential, the credential's own name where that is not known."""
        return self.known.get(credential, credential)
