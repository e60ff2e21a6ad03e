"""Whether spans, metrics and logs leave the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.health.check import Check, judged, unseen
from otelmon.health.recent import Recent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from otelmon.ledger import Counts


class Delivery:
    """Looks at the books of exporters.

    Args:
        books: returns those of every exporter by its name.
        troubles: returns for each signal why its last delivery failed, None where it did not.
    """

    def __init__(
        self, books: Callable[[], Mapping[str, Counts]], troubles: Callable[[], Mapping[str, str | None]]
    ) -> None:
        self._books = books
        self._troubles = troubles
        self._recent: Recent[tuple[str, str]] = Recent()

    def look(self, now: float) -> Check:
        """Returns what became of spans, and which signals are in trouble."""
        books, troubles = self._books(), self._troubles()
        if not books and not troubles:
            return unseen("no exporter of otelmon's: who exports is not known here")
        lost = {(name, reason): count for name, counts in books.items() for reason, count in counts.lost.items()}
        reasons = [f"{signal}: last delivery failed, {why}" for signal, why in sorted(troubles.items()) if why]
        reasons += [
            f"{name}: {grown} spans lost within a minute, {reason}"
            for (name, reason), grown in self._recent.growth(lost, now).items()
        ]
        exporters = {
            name: {
                "started": counts.started,
                "delivered": counts.delivered,
                "queued": counts.queued,
                "lost": dict(counts.lost),
            }
            for name, counts in books.items()
        }
        return judged(reasons, {"exporters": exporters, "trouble": dict(troubles)})
