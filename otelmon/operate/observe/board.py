"""What the observer knows at this moment, as one value that is replaced and never changed.

The observing thread writes; health answers and metrics read without waiting.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from otelmon.operate.observe import reasons

if TYPE_CHECKING:
    from collections.abc import Mapping

    from otelmon.operate.observe.facts import Server
    from otelmon.operate.observe.points import Point


@dataclass(frozen=True, slots=True)
class ViewState:
    """Holds what became of the last look at a view; times are seconds of the monotonic and of the wall clock."""

    every: float
    reason: str = reasons.WAITING
    detail: str = ""
    read_at: float | None = None
    read_at_unix: float | None = None
    rows: int | None = None
    seconds: float | None = None
    points: tuple[Point, ...] = ()

    def age(self, now: float) -> float | None:
        """Returns the seconds since the view was read; None where it never was."""
        return None if self.read_at is None else max(now - self.read_at, 0.0)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Holds everything that answers and metrics are made of."""

    views: Mapping[str, ViewState]
    alive_at: float
    connected: bool = False
    reason: str = reasons.WAITING
    detail: str = ""
    server: Server | None = None
    schema_version: int | None = None
    statements: str = "unknown"
    connects: Mapping[str, int] = field(default_factory=dict)


class Board:
    """Holds the snapshot of the moment; one thread writes."""

    def __init__(self, intervals: Mapping[str, float], now: float) -> None:
        self.now = Snapshot({name: ViewState(every) for name, every in intervals.items()}, now)

    def alive(self, now: float) -> None:
        """Writes down that the observing thread goes on."""
        self.now = replace(self.now, alive_at=now)

    def connected(self, server: Server, version: int | None) -> None:
        """Writes down what is connected to."""
        self.now = replace(
            self.now, connected=True, reason=reasons.OK, detail="", server=server, schema_version=version
        )

    def tried(self, reason: str) -> None:
        """Counts an attempt to connect."""
        counts = self.now.connects
        self.now = replace(self.now, connects={**counts, reason: counts.get(reason, 0) + 1})

    def lost(self, reason: str, detail: str) -> None:
        """Writes down that there is no connection: no view is known any more."""
        views = {
            name: replace(view, reason=reasons.UNREACHABLE, detail="", points=())
            for name, view in self.now.views.items()
        }
        self.now = replace(self.now, connected=False, reason=reason, detail=detail, views=views, statements="unknown")

    def view(self, name: str, state: ViewState) -> None:
        """Writes down what became of a look."""
        self.now = replace(self.now, views={**self.now.views, name: state})

    def statements(self, state: str) -> None:
        """Writes down whether pg_stat_statements can be used: ok, missing, not preloaded, outdated, denied."""
        self.now = replace(self.now, statements=state)
