"""Writes down what was started, so that another process can end exactly that."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from demo.parts.identity import Identity

if TYPE_CHECKING:
    from pathlib import Path

FILE = "state.json"


@dataclass(frozen=True, slots=True)
class StartedPart:
    """Holds one started process and the signal that ends it orderly."""

    name: str
    identity: Identity
    stop_signal: int


@dataclass
class State:
    """Holds the started parts in order, directories to remove with them, and who watches over them."""

    owner: Identity | None = None
    parts: list[StartedPart] = field(default_factory=list)
    directories: list[str] = field(default_factory=list)
    addresses: dict[str, str] = field(default_factory=dict)

    def write(self, directory: Path) -> None:
        """Replaces the state file of a directory in one step."""
        directory.mkdir(parents=True, exist_ok=True)
        unfinished = directory / f"{FILE}.new"
        unfinished.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        unfinished.replace(directory / FILE)

    @classmethod
    def read(cls, directory: Path) -> State | None:
        """Returns the state of a directory, or None where nothing was started or the file cannot be read."""
        try:
            known = json.loads((directory / FILE).read_text(encoding="utf-8"))
            parts = [
                StartedPart(each["name"], Identity(**each["identity"]), each["stop_signal"]) for each in known["parts"]
            ]
            owner = Identity(**known["owner"]) if known["owner"] else None
            return cls(owner, parts, known["directories"], known["addresses"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    @staticmethod
    def forget(directory: Path) -> None:
        """Removes the state file."""
        (directory / FILE).unlink(missing_ok=True)
