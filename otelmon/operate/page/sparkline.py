"""A small curve of recent values as the path of an SVG; gaps stay gaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from otelmon.operate.page.figures import known

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT, MARGIN = 96.0, 20.0, 2.0


@dataclass(frozen=True, slots=True)
class Sparkline:
    """Holds the path of the curve, the points that stand alone, and what the curve says in words."""

    path: str
    dots: tuple[tuple[float, float], ...]
    words: str


def sparkline(values: Sequence[float | None], words: str) -> Sparkline | None:
    """Returns the curve of values at equal distances, from 0 or the lowest below it up; None where there are none.

    Args:
        values: oldest first; None where there was none.
        words: what a reader hears instead of seeing the curve.
    """
    finite = [number for number in map(known, values) if number is not None]
    if not finite:
        return None
    low, high = min(0.0, *finite), max(0.0, *finite)
    across = (WIDTH - 2 * MARGIN) / max(len(values) - 1, 1)
    up = (HEIGHT - 2 * MARGIN) / (high - low or 1.0)
    runs: list[list[tuple[float, float]]] = [[]]
    for place, value in enumerate(values):
        number = known(value)
        if number is None:
            runs.append([])
        else:
            point = round(MARGIN + place * across, 1), round(HEIGHT - MARGIN - (number - low) * up, 1)
            runs[-1].append(point)
    path = " ".join("M" + " L".join(f"{x:g} {y:g}" for x, y in run) for run in runs if len(run) > 1)
    return Sparkline(path, tuple(run[0] for run in runs if len(run) == 1), words)
