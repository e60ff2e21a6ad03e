"""What became of one stage: times in seconds of the epoch, None for what never happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from otelmon.operate.drill.fault import Stage

# The owner's target: an alert within two minutes of the breach.
SECONDS_TO_TELL = 120.0


@dataclass(frozen=True)
class Outcome:
    """Holds the times of one stage; ``error`` says why it could not be injected, ``why`` why nobody was told."""

    fault: str
    stage: Stage
    injected: float
    event: float | None = None
    pending: float | None = None
    firing: float | None = None
    notified: float | None = None
    second_road: float | None = None
    restored: float | None = None
    cleared: float | None = None
    error: str = ""
    reached: float | None = None
    why: str = ""

    @property
    def breach(self) -> float:
        """Returns when the limit was reached: as the fault says, else by definition."""
        return self.injected + self.stage.ripens if self.reached is None else self.reached

    @property
    def detected_after(self) -> float | None:
        """Returns the seconds from the injection to the notification."""
        return None if self.notified is None else self.notified - self.injected

    @property
    def in_time(self) -> bool:
        """Tells whether somebody was told within two minutes of the breach."""
        return self.notified is not None and self.notified - self.breach <= SECONDS_TO_TELL

    @property
    def good(self) -> bool:
        """Tells whether it was told in time and has cleared."""
        return not self.error and self.in_time and self.cleared is not None

    def since(self, at: float | None, start: float | None = None) -> float | None:
        """Returns the seconds from the injection, or another moment, to a moment."""
        begin = self.injected if start is None else start
        return None if at is None else at - begin


def mean_detection(outcomes: list[Outcome]) -> float | None:
    """Returns the mean time from injection to notification; None where any was never told, or there is none."""
    times = [each.detected_after for each in outcomes]
    known = [each for each in times if each is not None]
    return sum(known) / len(known) if known and len(known) == len(times) else None
