"""What every topic needs of the snapshot: its rows, their ages, and what is said where a source is away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from otelmon.operate.page import figures
from otelmon.operate.page.curves import curve_of
from otelmon.operate.page.parts import Cell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from otelmon.operate.overview.values import Row
    from otelmon.operate.page.snapshot import Snapshot
    from otelmon.operate.page.sparkline import Sparkline

# Export and reading come every 10 to 15 s; what is older than three of them is late.
LATE_SECONDS = 60.0
NAMES = {"metrics": "The metrics store", "alertmanager": "Alertmanager", "jaeger": "Jaeger"}


@dataclass(frozen=True, slots=True)
class Seen:
    """Holds the snapshot and the moment at which it is looked at, unix seconds."""

    snapshot: Snapshot
    now: float

    def rows(self, section: str) -> tuple[Row, ...]:
        """Returns the rows of a section."""
        found = self.snapshot.overview.sections.get(section)
        return () if found is None else found.rows

    def age(self, row: Row) -> float | None:
        """Returns the seconds since the oldest of a row's figures was measured."""
        ages = [figure.age for figure in row.figures.values() if figure.age is not None]
        return max(ages) + self.since_reading if ages else None

    @property
    def since_reading(self) -> float:
        """Returns the seconds since the sources were asked, to which every age is added."""
        return max(self.now - self.snapshot.overview.read_at, 0.0)

    def unknown(self, section: str) -> bool:
        """Tells whether nothing is known of a section now."""
        found = self.snapshot.overview.sections.get(section)
        return found is None or bool(found.unknown)

    def empty(self, section: str, text: str) -> str:
        """Returns what is said where a section has no rows: that there are none, or that it is not known."""
        return "Not known." if self.unknown(section) else text

    def age_cell(self, row: Row) -> Cell:
        """Returns the age of a row's figures as a cell; what is late is warned of."""
        seconds = self.age(row)
        late = seconds is not None and seconds > LATE_SECONDS
        return Cell(figures.age(seconds), "warn" if late else "dim", more="late" if late else "")

    def age_of(self, section: str) -> str:
        """Returns the age of the newest row of a section in words."""
        ages = [seconds for row in self.rows(section) if (seconds := self.age(row)) is not None]
        return f"measured {figures.age(min(ages))} ago" if ages else ""

    def curve(self, name: str, labels: Mapping[str, str] | None = None) -> Sparkline | None:
        """Returns the curve of a row."""
        return curve_of(self.snapshot.curves, name, labels)

    def away(self, source: str, section: str = "") -> str:
        """Returns one sentence that says what does not answer and from when the figures below are, or nothing."""
        reason = self.snapshot.away(source)
        if reason:
            behind = self.snapshot.behind(source, self.now)
            rest = (
                "Nothing was read from it yet." if behind is None else f"What stands here is {figures.age(behind)} old."
            )
            return f"{NAMES.get(source, source)} does not answer: {figures.shown(reason)}. {rest}"
        found = self.snapshot.overview.sections.get(section)
        return f"Not known: {figures.shown(found.unknown)}." if found is not None and found.unknown else ""

    def read(self, source: str) -> str:
        """Returns how long ago a source was read, in words."""
        behind = self.snapshot.behind(source, self.now)
        return "" if behind is None else f"read {figures.age(behind)} ago"


def place(labels: Mapping[str, str]) -> str:
    """Returns the server that labels name."""
    address, port = labels.get("server_address", ""), labels.get("server_port", "")
    return f"{address}:{port}" if port else address
