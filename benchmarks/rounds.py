"""Does the blocks of all variants and works in random order, and sums up what each cost."""

from __future__ import annotations

import contextlib
import random
from typing import TYPE_CHECKING, Any

from benchmarks.live_worker import LiveWorker
from benchmarks.statistics_of_rounds import summarize
from benchmarks.variants import BARE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from benchmarks.stand_ins import Servers
    from benchmarks.variants import Variant

# Operations of a block: about half a second of the slower variants. The first two of a process warm up.
OPERATIONS = {
    "psycopg2": 1200,
    "RealDictCursor": 1200,
    "psycopg 3": 1000,
    "asyncpg": 1000,
    "SQLAlchemy": 600,
    "pool checkout": 8000,
    "requests GET": 500,
    "GitHub answer": 500,
    "cache hit": 40000,
    "export of metrics": 20,
}
WARM_UP = 200
Round = dict[str, dict[str, dict[str, float]]]


def measure(
    variants: Sequence[Variant],
    works: Sequence[str],
    servers: Servers,
    blocks: int,
    done: Callable[[], None] = lambda: None,
) -> list[Round]:
    """Starts each variant once and lets all of them do every work so many times.

    In each round every variant does every work once, works and variants in random order; only one process works at a
    time, the others wait for their turn.

    Returns:
        Per round, work and variant: CPU and wall time in microseconds an operation, spans an operation, and as
        ``expected`` the spans of an operation in the warm-up, which is too short for any queue to run over.
    """
    with contextlib.ExitStack() as stack:
        workers = [stack.enter_context(contextlib.closing(LiveWorker(variant, servers))) for variant in variants]
        expected = {}
        for worker in workers:
            for work in works:
                # The first block connects, and what that brings is not the operations'.
                worker.block(work, min(WARM_UP, OPERATIONS[work]))
                expected[worker.variant.name, work] = worker.block(work, min(WARM_UP, OPERATIONS[work]))["spans"]
        rounds: list[Round] = []
        for _ in range(blocks):
            measured: Round = {work: {} for work in works}
            for work in random.sample(works, len(works)):
                for worker in random.sample(workers, len(workers)):
                    name = worker.variant.name
                    measured[work][name] = {
                        **worker.block(work, OPERATIONS[work]),
                        "expected": expected[name, work],
                    }
                    done()
            rounds.append(measured)
    return rounds


def delivered_share(rounds: Sequence[Mapping[str, float]]) -> float | None:
    """Returns the smallest share of the expected spans that arrived; None where none are expected."""
    if not all(each["expected"] for each in rounds):
        return None
    return min(each["spans"] / each["expected"] for each in rounds)


def summary_of(rounds: Sequence[Round], variants: Sequence[Variant]) -> dict[str, dict[str, Any]]:
    """Returns per work and variant the quartiles of CPU and wall time, and how much arrived."""
    summary: dict[str, dict[str, Any]] = {}
    for work in rounds[0]:
        by_variant = [each[work] for each in rounds]
        summed = summarize(
            [
                {name: {key: figures[key] for key in ("cpu_us", "wall_us")} for name, figures in each.items()}
                for each in by_variant
            ],
            BARE.name,
        )
        for variant in variants:
            own = [each[variant.name] for each in by_variant]
            summed[variant.name]["spans"] = own[0]["expected"] if variant.is_counted else None
            summed[variant.name]["delivered"] = delivered_share(own) if variant.is_counted else None
        summary[work] = summed
    return summary
