"""What is known of otelmon's own share of the process, and of what it leaves undone because of it."""

from __future__ import annotations

from otelmon.registry.tally import Tally
from otelmon.rules.overhead import ORDER


class ShedWork:
    """Holds the last share, what is left undone now, and how often each has been; the watch alone writes the first two.

    ``share`` is None while it is not measured, or not known.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Begins at zero."""
        self.share: float | None = None
        self.now: tuple[str, ...] = ()
        self._counts = {kind: Tally() for kind in ORDER}

    def add(self, kind: str) -> None:
        """Counts one thing left undone."""
        self._counts[kind].add()

    def counts(self) -> dict[str, int]:
        """Returns how many things were left undone, by kind; those of which there were any."""
        return {kind: count for kind, tally in self._counts.items() if (count := tally.value())}
