"""Draws the worlds of the GitHub simulation: who shares what, how fast, and which limit it leads to."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PROCESSES = (1, 5, 50)
# Shapes of a pace, and their peak by their mean.
PEAKS = {"steady": 1.0, "rising": 2.0, "falling": 2.0, "waves": 1.8, "bursts": 3.0, "daily": 1.8}
DAY_S = 86_400
# Requests that are sent all at once are sent in so many seconds, every half a minute.
BURST_S, BETWEEN_BURSTS_S = 0.2, 30.0
# Requests a second that reach a limit in the long run: method, route, GitHub's time, processor share, length of a run.
SECONDARY: dict[str, tuple[float, str, str, float, float, float]] = {
    "rest_points": (900 / 60 / 0.9, "GET", "/repos/{owner}/{repo}", 0.04, 0.5, 300),
    "graphql_points": (2000 / 60 / 0.9, "POST", "/graphql", 0.01, 0.5, 300),
    "writes_a_minute": (80 / 60 / 0.9, "POST", "/repos/{owner}/{repo}/issues", 0.1, 0.5, 300),
    "writes_an_hour": (500 / 900 / 0.9, "POST", "/repos/{owner}/{repo}/issues", 0.1, 0.5, 900),
    "concurrent": (100.0 / BURST_S, "GET", "/repos/{owner}/{repo}", 0.5, 0.2, 300),
    "cpu": (1.5, "GET", "/repos/{owner}/{repo}", 1.0, 1.0, 300),
}


@dataclass(frozen=True)
class World:
    """Holds what one seed decides.

    ``pace`` gives requests a second of all processes together by seconds since the start; ``method`` and ``route`` are
    those of nearly all requests; ``service_s`` is GitHub's time for one, ``cpu_share`` its share of processor time.
    ``kind`` is what the world is about, ``reaches`` whether its pace is meant to reach that limit.
    """

    seed: int
    processes: int
    seconds: float
    pace: Callable[[float], float]
    most: float
    used: int
    reset_in: int
    method: str = "GET"
    route: str = "/repos/{owner}/{repo}"
    service_s: float = 0.08
    cpu_share: float = 0.5
    limit: int = 5000
    kind: str = "primary"
    shape: str = "steady"
    reaches: bool = False


def primary(seed: int) -> World:
    """Returns a world around one hour's budget: a window that has begun, and a pace that may or may not spend it."""
    chance = random.Random(seed)  # noqa: S311 - worlds are to be the same again
    reset_in, used = chance.randint(300, 1200), chance.randint(0, 3900)
    shape = chance.choice(tuple(PEAKS))
    # Not faster than secondary limits allow.
    mean = min(12 / PEAKS[shape], chance.uniform(0.3, 2.5) * (5000 - used) / reset_in)
    pace, most = _shape(chance, shape, mean, reset_in)
    spends = mean * reset_in > 5000 - used
    processes = chance.choice(PROCESSES)
    return World(seed, processes, reset_in + 60.0, pace, most, used, reset_in, shape=shape, reaches=spends)


def secondary(seed: int, kind: str) -> World:
    """Returns a world whose pace rises to a share of one secondary limit, half of the time above it."""
    chance = random.Random(f"{kind} {seed}")  # noqa: S311 - as above
    limit, method, route, service_s, cpu_share, seconds = SECONDARY[kind]
    reaches = chance.random() < 0.5  # noqa: PLR2004 - half
    peak = limit * (chance.uniform(1.2, 2.5) if reaches else chance.uniform(0.3, 0.7))
    rise = chance.uniform(30, 120)

    def pace(at: float) -> float:
        if kind == "concurrent" and at % BETWEEN_BURSTS_S > BURST_S:
            return 0.0
        return peak * min(1.0, 0.2 + 0.8 * at / rise)

    return World(
        seed,
        chance.choice(PROCESSES),
        seconds,
        pace,
        peak,
        0,
        3600,
        method,
        route,
        service_s,
        cpu_share,
        1_000_000,
        kind,
        "rising",
        reaches,
    )


def _shape(chance: random.Random, kind: str, mean: float, seconds: float) -> tuple[Callable[[float], float], float]:
    """Returns a pace and its maximum: steady, rising from nothing, falling to nothing, in waves, bursts or by day."""
    period = chance.uniform(20, 120)
    if kind == "rising":
        return lambda at: 2 * mean * min(1.0, at / seconds), 2 * mean
    if kind == "falling":
        return lambda at: 2 * mean * max(0.0, 1 - at / seconds), 2 * mean
    if kind == "daily":
        hour = chance.uniform(0, DAY_S)
        return lambda at: mean * (1 + 0.8 * math.sin(2 * math.pi * (at + hour) / DAY_S)), 1.8 * mean
    if kind == "waves":
        return lambda at: mean * (1 + 0.8 * math.sin(at / period)), 1.8 * mean
    if kind == "bursts":
        return lambda at: 3 * mean if at % period < period / 3 else 0.0, 3 * mean
    return lambda _: mean, mean
