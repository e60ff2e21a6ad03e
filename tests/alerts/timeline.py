"""Series for the unit tests of rules: calm, warning, critical, calm again, flapping, calm."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from otelmon.operate.alerts.threshold import number

SECONDS_BETWEEN_POINTS = 10
CALM, WARNING, CRITICAL, AGAIN, FLAPPING, END = "calm", "warning", "critical", "calm again", "flapping", "end"
# Points of each phase: half an hour for what is usual, three minutes of warning, three of critical; then as long as the
# longest window of a rule but one, half a minute on and off for four minutes, and quiet.
POINTS = {CALM: 180, WARNING: 18, CRITICAL: 18, AGAIN: 66, FLAPPING: 24, END: 24}
POINTS_BETWEEN_FLAPS = 3
Level = Literal["calm", "warning", "critical"]


def start_of(phase: str) -> int:
    """Returns the second at which a phase begins."""
    names = list(POINTS)
    return sum(POINTS[name] for name in names[: names.index(phase)]) * SECONDS_BETWEEN_POINTS


def end_of(phase: str) -> int:
    """Returns the second at which a phase is over."""
    return start_of(phase) + POINTS[phase] * SECONDS_BETWEEN_POINTS


def levels() -> list[Level]:
    """Returns the level at every point."""
    found: list[Level] = []
    for phase, points in POINTS.items():
        if phase in {WARNING, CRITICAL}:
            found += [phase] * points  # type: ignore[list-item]  # the names of these phases are levels
        elif phase == FLAPPING:
            on = [(point // POINTS_BETWEEN_FLAPS) % 2 == 0 for point in range(points)]
            found += ["critical" if each else "calm" for each in on]
        else:
            found += ["calm"] * points
    return found


@dataclass(frozen=True)
class Series:
    """One series; a gauge has the value of each level, a counter rises by it at every point; None is no point.

    Args:
        selector: name and labels.
        calm, warning, critical: by level; a level that is not given is as the one before.
        counter: whether it is one.
        every: points between two readings.
    """

    selector: str
    calm: float | None
    warning: float | Literal["calm"] | None = "calm"
    critical: float | Literal["warning"] | None = "warning"
    counter: bool = False
    every: int = 1

    def at(self, level: Level) -> float | None:
        """Returns the value, or the rise, of a level."""
        warning = self.calm if self.warning == "calm" else self.warning
        critical = warning if self.critical == "warning" else self.critical
        return {"calm": self.calm, "warning": warning, "critical": critical}[level]

    def values(self) -> str:
        """Returns all points as the tool reads them, each run of one level as ``first+step x more``."""
        shown: list[str] = []
        total, point = 0.0, 0
        for level, points in _runs():
            now = self.at(level)
            step = now if self.counter and now is not None else 0.0
            first = total + step if self.counter else now
            total += step * points
            shown += self._run(first if now is not None else None, step, point, points)
            point += points
        return " ".join(shown)

    def _run(self, first: float | None, step: float, begins: int, points: int) -> list[str]:
        if first is None:
            return [f"_x{points}"]
        if self.every == 1:
            return [f"{number(first)}+{number(step)}x{points - 1}"]
        due = [(begins + each) % self.every == 0 for each in range(points)]
        return [number(first + step * each) if due[each] else "_" for each in range(points)]


def _runs() -> list[tuple[Level, int]]:
    """Returns each level with for how many points it lasts."""
    return [(level, len(list(group))) for level, group in groupby(levels())]
