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

from benchmarks.github_simulation import Simulation
from benchmarks.github_worlds import SECONDARY, primary, secondary

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.github_simulation import Findings, World

PAGE = Path(__file__).parents[1] / "docs" / "github_proof.md"
# Of a shorter time left no share is worth telling.
LEAST_LEFT_S = 30.0
SHAPES = ("even", "rising", "waves", "bursts")


@dataclass
class Run:
    """Holds what one run comes to; errors in shares of the limit, times in seconds."""

    kind: str
    reaches: bool
    answers: int
    error: float = 0.0
    error_before: float = 0.0
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
        world.kind,
        world.reaches,
        findings.answers,
        max(findings.errors, default=0.0),
        max(findings.errors_before, default=0.0),
        max(findings.ages, default=0.0),
        findings.lowered,
        findings.repeated,
        findings.unknown,
        findings.foretold,
        world.shape,
        len(findings.owners),
        refused_at is not None,
        warned_at is not None,
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


def all_runs(seeds: int, workers: int) -> list[Run]:
    """Returns the results of all seeds."""
    half = seeds // 2
    kinds = list(SECONDARY)
    tasks = [("primary", seed) for seed in range(half)]
    tasks += [(kinds[seed % len(kinds)], seed) for seed in range(seeds - half)]
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(run, tasks, chunksize=4))


PAGE_TEXT = """<!-- Generated by: python -m benchmarks.github_proof --seeds {seeds} --write -->
# GitHub budgets, proved on a simulator

{seeds} seeds. GitHub's documented rules (`demo/github_stand_in`) on a clock of their own; 1, 5 or 50 processes share
one installation; each takes a new token every five minutes; their clocks are up to ten minutes wrong; an answer takes
10 to 90 ms back, one in two hundred up to 3 s more. A run ends with the first refusal. Code: `benchmarks/github_*.py`.

## Ledger and warnings

| what | found |
| --- | --- |
| runs, answers | {runs:,}, {answers:,} |
| largest error at any answer, share of the limit | {worst_error:.2%} |
| median over runs of that largest error | {median_of_worst_errors:.2%} |
| answers not compared: within 3 s of a reset, or of a window that is over | {unknown:,} |
| largest error just before an answer, share of the limit | {worst_error_between:.1%} |
| longest time between two answers of one process, which `age` shows | {longest_age:.0f} s |
| answers after which the known use was lower within a window | {lowered} |
| names of the one owner, at most, in any run | {most_owners} |
| levels that a process reported twice in one window | {repeated} |
| runs that spent the budget, warned before the first refusal | {warned_in_time} of {exhausted} |
| time from the first warning to the refusal: median, least | {median_ahead:.0f} s, {least_ahead:.1f} s |
| runs that did not spend it, warned by a forecast all the same | {foretold_in_vain} of {not_exhausted} |

## Forecast

Compared every five seconds, one process a run, while at least 30 s were left; the error is a share of that time. The
interval is that of the pace as it was seen: a pace that rises or comes in waves is not foreseen, and there it holds the
truth less often than it says. Once the budget is low the pace matters less than the use, which is known.

| pace | forecasts | error, median | error, 90th percentile | 95 % interval held the truth |
| --- | --- | --- | --- | --- |
{forecasts}

## Secondary limits

A run is warned in time where a process, or the sum over processes every ten seconds, is near any rule before the first
403: at 80 % of it, or at 40 % with a pace that breaks it within a minute. Most runs without a refusal have a peak of 30
to 70 % of the rule; a warning there is a false one, most often that of processor time, which is only guessed.

| rule | refused | warned in time | not refused | warned all the same | ahead, median |
| --- | --- | --- | --- | --- | --- |
{secondary}
"""


def page(runs: Sequence[Run], seeds: int) -> str:
    """Returns the page of the documentation."""
    forecasts = [
        f"| {shape} | {count:,} | {median:.0%} | {high:.0%} | {share:.0%} |"
        for shape, count, median, high, share in forecast_rows(runs)
    ]
    rules = [
        f"| {name} | {refused} | {in_time} | {quiet} | {vain} | {ahead:.0f} s |"
        for name, refused, in_time, quiet, vain, ahead in secondary_rows(runs)
    ]
    return PAGE_TEXT.format(seeds=seeds, **figures(runs), forecasts="\n".join(forecasts), secondary="\n".join(rules))


def main() -> None:
    """Runs, prints the figures as JSON, and writes the page where asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.github_proof", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="worlds (1,000)")
    parser.add_argument("--workers", type=int, default=2, help="processes that run them (2)")
    parser.add_argument("--write", action="store_true", help="write docs/github_proof.md")
    given = parser.parse_args()
    runs = all_runs(given.seeds, given.workers)
    shown = {"figures": figures(runs), "forecasts": forecast_rows(runs), "secondary": secondary_rows(runs)}
    print(json.dumps(shown, indent=1))
    if given.write:
        PAGE.write_text(page(runs, given.seeds), encoding="utf-8")


if __name__ == "__main__":
    main()
