"""How quickly a stack shows what happens: at once where people wait for it, or as the product does by itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """Holds the times that decide when something is seen; milliseconds unless the name says seconds."""

    metrics_every: int = 10_000
    spans_every: int = 5_000
    leak_after: int = 60_000
    observer_seconds: str = "15"


USUAL = Pace()
QUICK = Pace(metrics_every=2_000, spans_every=1_000, leak_after=3_000, observer_seconds="2")
