"""What a driver sent to the server, kept only until it is known what the server made of it."""

from __future__ import annotations

from typing import NamedTuple


class SentStatement(NamedTuple):
    """Holds a statement as a driver sent it: literals and all, so it never leaves the process.

    ``text`` is UTF-8, and empty where only the name of a prepared statement was sent. ``parameters`` are those sent
    beside the text, as the driver wrote them, with the object identifiers of their ``types``; ``formats`` are 0 for
    text, 1 for binary.
    """

    text: bytes
    parameters: tuple[bytes | None, ...] = ()
    types: tuple[int, ...] = ()
    formats: tuple[int, ...] = ()
    # Whether the server may have used a plan that was made for any values.
    is_prepared: bool = False

    @property
    def size(self) -> int:
        """Returns the bytes that it keeps in memory."""
        return len(self.text) + sum(len(each) for each in self.parameters if each is not None)
