"""Seeded weeks of figures as services make them: a daily rhythm, noise that lasts, bursts, and two workers."""

from __future__ import annotations

import math
import random

from otelmon.operate.baseline.series import Curve, Record

STEP, DAY = 60.0, 86_400.0
WORLDS = ("calm", "rhythm", "bursts", "heavy tails")


def record(world: str, seed: int, days: float, threshold: str = "pool_pressure_warning") -> Record:
    """Returns a record of a share between 0 and 1."""
    rng = random.Random(f"{world} {seed}")  # noqa: S311 - a seeded world is not cryptography
    ends = days * DAY
    curves = tuple(Curve((("service_name", name),), tuple(_points(world, rng, ends))) for name in ("shop", "mail"))
    return Record(threshold, 0.0, ends, curves)


def _points(world: str, rng: random.Random, ends: float) -> list[tuple[float, float]]:
    noise, burst, at = 0.0, 0.0, 0.0
    found = []
    while at < ends:
        noise = 0.9 * noise + rng.gauss(0, 0.01)
        value = 0.3 + noise
        if world != "calm":
            value += 0.15 * math.sin(2 * math.pi * at / DAY)
        if world == "bursts":
            if rng.random() < STEP / (DAY / 2):
                burst = rng.uniform(0.05, 0.25)
            burst *= 0.8
            value += burst
        if world == "heavy tails" and rng.random() < 0.01:
            value += 0.02 * rng.paretovariate(1.5)
        found.append((at, min(max(value, 0.0), 1.0)))
        at += STEP
    return found
