"""What was recorded: the figure of a rule over time, one curve for each thing that it speaks of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Curve:
    """Holds points (seconds of the epoch, value) in the order of time; where nothing is known there is no point."""

    labels: tuple[tuple[str, str], ...]
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Record:
    """Holds the curves behind one threshold, and for how long was recorded."""

    threshold: str
    begins: float
    ends: float
    curves: tuple[Curve, ...]

    @property
    def seconds(self) -> float:
        """Returns how long was recorded."""
        return max(self.ends - self.begins, 0.0)

    def between(self, begins: float, ends: float) -> Record:
        """Returns a part of the record; the first second belongs to it, the last does not."""
        cut = tuple(
            Curve(each.labels, tuple(point for point in each.points if begins <= point[0] < ends))
            for each in self.curves
        )
        return Record(self.threshold, begins, ends, cut)
