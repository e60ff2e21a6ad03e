"""What was seen of one alert, by whom and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from otelmon.operate.drill.fault import Key, Stage

PENDING, FIRING, NOTIFIED, INACTIVE, RESOLVED = "pending", "firing", "notified", "inactive", "resolved"


@dataclass(frozen=True, slots=True)
class Sighting:
    """Holds one change: ``at`` in seconds of the epoch, ``labels`` of the alert, ``receiver`` who was notified."""

    kind: str
    at: float
    labels: Mapping[str, str]
    receiver: str = ""

    @property
    def rule(self) -> Key:
        """Returns alert and severity."""
        return self.labels.get("alertname", ""), self.labels.get("severity", "")

    def belongs_to(self, stage: Stage) -> bool:
        """Tells whether this is the alert that a stage has to cause."""
        return stage.causes(self.labels)


def first(sightings: list[Sighting], kind: str, stage: Stage, after: float) -> float | None:
    """Returns when something was first seen of a stage's alert from a moment on, or None."""
    times = [each.at for each in sightings if each.kind == kind and each.at >= after and each.belongs_to(stage)]
    return min(times, default=None)
