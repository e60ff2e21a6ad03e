"""What only a whole process shows: how long it takes to start, and how much memory it has after many operations."""

from __future__ import annotations

import json
import random
import subprocess
import time
from typing import TYPE_CHECKING

from benchmarks.peers.worker import MARK
from benchmarks.statistics_of_rounds import Spread
from benchmarks.variants import ROOT, VARIANTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.stand_ins import Servers
    from benchmarks.variants import Variant

STARTS, OPERATIONS = 7, 100_000


def figures_of(variant: Variant, receiver: str, program: str, *arguments: str, kind: bool = True) -> dict[str, float]:
    """Runs a program of benchmarks/peers in a variant's environment and returns what it printed.

    Args:
        variant: whose environment.
        receiver: what counts the spans.
        program: its name without the ending.
        arguments: what it takes.
        kind: whether it takes the kind of tracing before them.

    Raises:
        SystemExit: when it fails.
    """
    done = subprocess.run(
        variant.command(f"benchmarks/peers/{program}.py", *((variant.tracing,) if kind else ()), *arguments),
        env=variant.full_environment(receiver),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith(MARK)]
    if done.returncode or not lines:
        raise SystemExit(f"benchmark: {program} of {variant.name} failed: {done.stderr.strip()[-800:]}")
    found: dict[str, float] = json.loads(lines[-1].removeprefix(MARK))
    return found


def start_up(
    where: Servers,
    starts: int = STARTS,
    variants: Sequence[Variant] = VARIANTS,
    done: Callable[[], None] = lambda: None,
) -> dict[str, dict[str, Spread]]:
    """Returns by variant the milliseconds of wall and CPU time until an application has imported its libraries."""
    measured: dict[str, list[dict[str, float]]] = {variant.name: [] for variant in variants}
    for _ in range(starts):
        for variant in random.sample(variants, len(variants)):
            began = time.monotonic()
            found = figures_of(variant, where.receiver, "start_worker")
            measured[variant.name].append({"cpu_ms": found["cpu_ms"], "wall_ms": (found["at"] - began) * 1000})
            done()
    return {name: {key: Spread.of(each[key] for each in runs) for key in runs[0]} for name, runs in measured.items()}


def memory(
    where: Servers, operations: int = OPERATIONS, variants: Sequence[Variant] = VARIANTS,
    done: Callable[[], None] = lambda: None,
) -> dict[str, dict[str, float]]:  # fmt: skip
    """Returns by variant the resident memory after the first thousand operations and after the last."""
    found = {}
    for variant in variants:
        addresses = where.addresses
        found[variant.name] = figures_of(
            variant,
            where.receiver,
            "memory_worker",
            addresses.database,
            addresses.plain,
            addresses.github,
            str(operations),
        )
        done()
    return found
