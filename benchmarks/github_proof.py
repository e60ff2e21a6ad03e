"""Runs the GitHub simulation over many seeds and writes what it found: ``make prove-github``.

    python -m benchmarks.github_proof --seeds 1000 --write

Half of the seeds are worlds about the primary limit, the other half are spread over the secondary limits.
"""

from __future__ import annotations

import argparse
import json
import statistics
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.github_proof_page import TEXT
from benchmarks.github_simulation import Simulation
from benchmarks.github_worlds import PEAKS, SECONDARY, primary, secondary

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.github_simulation import Findings
    from benchmarks.github_worlds import World

PAGE = Path(__file__).parents[1] / "docs" / "github_proof.md"
# Of a shorter time left no share is worth telling.
LEAST_LEFT_S = 30.0
SHAPES = tuple(PEAKS)
# Rules and thresholds were chosen on seeds below; what is shown comes from seeds that nothing was chosen on.
FIRST_SEED = 10_000
# The ledger's error that the owner of a budget is promised.
PROMISED = 0.01


@dataclass
class Run:
    """Holds what one run comes to; errors in shares of the limit, times in seconds."""

    kind: str
    reaches: bool
    answers: int
    error: float = 0.0
    error_before: float = 0.0
    over_promise: int = 0
    beyond: int = 0
    compared: int = 0
    expected_error: float = 0.0
    expected_before: float = 0.0
    expected_near: float = 0.0
    age: float = 0.0
    lowered: int = 0
    repeated: int = 0
    unknown: int = 0
    foretold: bool = False
    shape: str = ""
    owners: int = 1
    refused: bool = False
    warned: bool = False
    in_time: bool = False
    ahead: float | None = None
    forecast_errors: list[float] = field(default_factory=list)
    covered: list[bool] = field(default_factory=list)


def run(task: tuple[str, int]) -> Run:
    """Returns the result of one seed."""
    kind, seed = task
    world = primary(seed) if kind == "primary" else secondary(seed, kind)
    findings = Simulation(world).run()
    return summarized(world, findings)


def summarized(world: World, findings: Findings) -> Run:
    """Returns what matters of one run."""
    is_primary = world.kind == "primary"
    warned_at = findings.low_at.get("warning", findings.low_at.get("critical")) if is_primary else findings.near_at
    refused_at = findings.refused_at.get("primary" if is_primary else "secondary")
    result = Run(
        kind=world.kind,
        reaches=world.reaches,
        answers=findings.answers,
        error=max(findings.errors, default=0.0),
        error_before=max(findings.errors_before, default=0.0),
        over_promise=sum(each > PROMISED for each in findings.errors),
        beyond=findings.beyond,
        compared=len(findings.expected_errors),
        expected_error=max(findings.expected_errors, default=0.0),
        expected_before=max(findings.expected_before, default=0.0),
        expected_near=quantile(findings.expected_before, 0.99),
        age=max(findings.ages, default=0.0),
        lowered=findings.lowered,
        repeated=findings.repeated,
        unknown=findings.unknown,
        foretold=findings.foretold,
        shape=world.shape,
        owners=len(findings.owners),
        refused=refused_at is not None,
        warned=warned_at is not None,
    )
    if refused_at is not None:
        result.in_time = warned_at is not None and warned_at < refused_at
        result.ahead = None if warned_at is None else refused_at - warned_at
        forecasts = (
            [(at, each) for at, each in findings.forecasts if refused_at - at >= LEAST_LEFT_S] if is_primary else []
        )
        result.forecast_errors = [abs(each.estimate - (refused_at - at)) / (refused_at - at) for at, each in forecasts]
        result.covered = [
            each.earliest <= refused_at - at and (each.latest is None or refused_at - at <= each.latest)
            for at, each in forecasts
        ]
    return result


def quantile(values: Iterable[float], share: float) -> float:
    """Returns a quantile, 0 of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def figures(runs: Sequence[Run]) -> dict[str, float]:
    """Returns the figures of the page about ledger and warnings."""
    chosen = [each for each in runs if each.kind == "primary"]
    refused = [each for each in chosen if each.refused]
    quiet = [each for each in chosen if not each.refused]
    return {
        "runs": len(chosen),
        "answers": sum(each.answers for each in chosen),
        "unknown": sum(each.unknown for each in chosen),
        "worst_error": max((each.error for each in chosen), default=0.0),
        "median_of_worst_errors": statistics.median([each.error for each in chosen] or [0.0]),
        "over_promise": sum(each.over_promise for each in chosen),
        "compared": sum(each.compared for each in chosen),
        "beyond": sum(each.beyond for each in chosen),
        "expected_error": max((each.expected_error for each in chosen), default=0.0),
        "expected_between": max((each.expected_before for each in chosen), default=0.0),
        "expected_near": quantile((each.expected_near for each in chosen), 0.5),
        "worst_error_between": max((each.error_before for each in chosen), default=0.0),
        "longest_age": max((each.age for each in chosen), default=0.0),
        "lowered": sum(each.lowered for each in chosen),
        "repeated": sum(each.repeated for each in chosen),
        "most_owners": max((each.owners for each in chosen), default=0),
        "exhausted": len(refused),
        "warned_in_time": sum(each.in_time for each in refused),
        "median_ahead": quantile((each.ahead or 0.0 for each in refused), 0.5),
        "least_ahead": min((each.ahead or 0.0 for each in refused), default=0.0),
        "not_exhausted": len(quiet),
        "foretold_in_vain": sum(each.foretold for each in quiet),
    }


def forecast_rows(runs: Sequence[Run]) -> list[tuple[str, int, float, float, float]]:
    """Returns, for each shape of pace: forecasts, median and 90th percentile of errors, share within the interval."""
    rows = []
    for shape in SHAPES:
        chosen = [each for each in runs if each.kind == "primary" and each.shape == shape]
        errors = [error for each in chosen for error in each.forecast_errors]
        covered = [hit for each in chosen for hit in each.covered]
        share = sum(covered) / len(covered) if covered else 0.0
        rows.append((shape, len(errors), quantile(errors, 0.5), quantile(errors, 0.9), share))
    return rows


def secondary_rows(runs: Sequence[Run]) -> list[tuple[str, int, int, int, int, float]]:
    """Returns, for each rule and all: runs refused, warned in time, runs not refused, warned there, median ahead."""
    rows = []
    for name in (*SECONDARY, "all"):
        chosen = [each for each in runs if each.kind == name or (name == "all" and each.kind != "primary")]
        refused = [each for each in chosen if each.refused]
        quiet = [each for each in chosen if not each.refused]
        ahead = quantile((each.ahead or 0.0 for each in refused), 0.5)
        in_time, vain = sum(each.in_time for each in refused), sum(each.warned for each in quiet)
        rows.append((name, len(refused), in_time, len(quiet), vain, ahead))
    return rows


def all_runs(first: int, seeds: int, workers: int) -> list[Run]:
    """Returns the results of all seeds."""
    half = seeds // 2
    kinds = list(SECONDARY)
    tasks = [("primary", first + seed) for seed in range(half)]
    tasks += [(kinds[seed % len(kinds)], first + seed) for seed in range(seeds - half)]
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(run, tasks, chunksize=4))


def page(runs: Sequence[Run], seeds: int, first: int = FIRST_SEED) -> str:
    """Returns the page of the documentation."""
    forecasts = [
        f"| {shape} | {count:,} | {median:.0%} | {high:.0%} | {share:.0%} |"
        for shape, count, median, high, share in forecast_rows(runs)
    ]
    rules = [
        f"| {name} | {refused} | {in_time} | {quiet} | {vain} | {ahead:.0f} s |"
        for name, refused, in_time, quiet, vain, ahead in secondary_rows(runs)
    ]
    _, refused, in_time, quiet, vain, _ = secondary_rows(runs)[-1]
    shares = {"in_time_share": in_time / max(1, refused), "false_share": vain / max(1, quiet)}
    tables = {"forecasts": "\n".join(forecasts), "secondary": "\n".join(rules)}
    return TEXT.format(seeds=seeds, first=first, **figures(runs), **tables, **shares)


def main() -> None:
    """Runs, prints the figures as JSON, and writes the page where asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.github_proof", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="worlds (1,000)")
    parser.add_argument("--first", type=int, default=FIRST_SEED, help=f"the first of them ({FIRST_SEED})")
    parser.add_argument("--workers", type=int, default=2, help="processes that run them (2)")
    parser.add_argument("--write", action="store_true", help="write docs/github_proof.md")
    given = parser.parse_args()
    runs = all_runs(given.first, given.seeds, given.workers)
    shown = {"figures": figures(runs), "forecasts": forecast_rows(runs), "secondary": secondary_rows(runs)}
    print(json.dumps(shown, indent=1))
    if given.write:
        PAGE.write_text(page(runs, given.seeds, given.first), encoding="utf-8")


if __name__ == "__main__":
    main()
