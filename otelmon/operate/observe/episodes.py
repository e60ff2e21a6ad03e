"""Tells what begins from what goes on, so that an event is sent once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence


class Episodes:
    """Holds what was there at the last look, by event and key; nothing is kept of what has ended."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[Hashable, int]] = {}

    def begun(
        self, event: str, found: Mapping[Hashable, dict[str, str | int | float | bool]], looks: int = 1
    ) -> list[dict[str, str | int | float | bool]]:
        """Returns the attributes of what has been there for so many looks in a row now, and not for more."""
        before = self._seen.get(event, {})
        self._seen[event] = {key: before.get(key, 0) + 1 for key in found}
        return [found[key] for key, count in self._seen[event].items() if count == looks]

    def forget(self) -> None:
        """Begins anew: another server has other sessions."""
        self._seen.clear()


class Resets:
    """Holds since when each family of statistics counts."""

    def __init__(self) -> None:
        self._since: dict[str, object] = {}

    def happened(self, rows: Sequence[Mapping[str, object]]) -> Iterator[str]:
        """Yields the families that were reset since the last look; the start of the server is none."""
        for row in rows:
            family, since = str(row["family"]), row["reset_at"]
            known = family in self._since
            changed = known and since is not None and since != self._since[family]
            self._since[family] = since
            if changed and family != "server":
                yield family

    def forget(self) -> None:
        """Begins anew: another server has reset at other times."""
        self._since.clear()
