"""Tells how much counts have grown in the last minute."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

Key = TypeVar("Key", bound="Hashable")
SECONDS = 60.0


class Recent(Generic[Key]):
    """Keeps the counts of each look of the last minute; the watch thread alone uses it."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        # Counts begin at zero with the process.
        self._looks: deque[tuple[float, Mapping[Key, int]]] = deque([(0.0, {})])

    def growth(self, counts: Mapping[Key, int], now: float) -> dict[Key, int]:
        """Returns by how much each count has grown; what has fallen was begun anew.

        Args:
            counts: as they are now.
            now: of a monotonic clock, in seconds.
        """
        while len(self._looks) > 1 and self._looks[1][0] <= now - self._seconds:
            self._looks.popleft()
        before = self._looks[0][1]
        self._looks.append((now, dict(counts)))
        began = {key: was if (was := before.get(key, 0)) <= count else 0 for key, count in counts.items()}
        return {key: grown for key, count in counts.items() if (grown := count - began[key]) > 0}
