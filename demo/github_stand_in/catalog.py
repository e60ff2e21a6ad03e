"""The repositories that the stand-in knows: any name, but for a few whose names tell what becomes of them."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

MISSING = "missing"
RENAMED = "-renamed"


@dataclass(frozen=True, slots=True)
class Repository:
    """Holds what GitHub would say of one repository."""

    owner: str
    name: str

    @property
    def identity(self) -> int:
        """Returns a number that depends on owner and name alone."""
        return zlib.crc32(f"{self.owner}/{self.name}".encode())

    def document(self) -> dict[str, object]:
        """Returns the body of an answer."""
        return {
            "id": self.identity,
            "name": self.name,
            "full_name": f"{self.owner}/{self.name}",
            "owner": {"login": self.owner},
            "stargazers_count": self.identity % 10_000,
            "open_issues_count": self.identity % 97,
        }


class Catalog:
    """Finds repositories by name and, as GitHub's redirects do, by number."""

    def __init__(self) -> None:
        self._by_identity: dict[int, Repository] = {}

    def by_name(self, owner: str, name: str) -> Repository | None:
        """Returns the repository under its present name, or None when there is none."""
        if name.startswith(MISSING):
            return None
        repository = Repository(owner, name.removesuffix(RENAMED))
        self._by_identity[repository.identity] = repository
        return repository

    def by_identity(self, identity: int) -> Repository | None:
        """Returns a repository that was asked for by name before."""
        return self._by_identity.get(identity)
