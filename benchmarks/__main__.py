"""Runs the benchmark: ``python -m benchmarks [--processes N] [--blocks N] [--works NAMES] [--quick] [--json]``."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import Progress, TimeElapsedColumn

from benchmarks import ratios
from benchmarks.peers.works import WORKS
from benchmarks.plot import bars
from benchmarks.report import page, terminal_table
from benchmarks.rounds import measure, summary_of
from benchmarks.service_load import PAIRS
from benchmarks.service_load import measure as measure_service
from benchmarks.stand_ins import servers
from benchmarks.variants import BARE, OTELMON, QUICK, ROOT, VARIANTS
from benchmarks.versions import versions_of
from benchmarks.whole_processes import OPERATIONS, STARTS, memory, start_up
from demo.parts.told_to_end import unwind_when_told_to_end

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.rounds import Round
    from benchmarks.variants import Variant

QUICK_WORKS = ("psycopg2", "psycopg 3", "requests GET")
QUICK_BLOCKS = 6
# A ratio that looks worse is measured again so often, with all rounds taken together, before it is said to be.
QUICK_ATTEMPTS = 3
PLOTTED = ("psycopg2", "psycopg 3", "asyncpg", "requests GET")


def arguments() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--processes", type=int, default=3, help="how often each variant is started (3)")
    parser.add_argument("--blocks", type=int, default=3, help="blocks of each work that a process does (3)")
    parser.add_argument("--pairs", type=int, default=PAIRS, help=f"rounds of the reference service ({PAIRS})")
    parser.add_argument("--operations", type=int, default=OPERATIONS, help=f"before memory is read ({OPERATIONS})")
    parser.add_argument("--starts", type=int, default=STARTS, help=f"starts of each variant ({STARTS})")
    parser.add_argument("--works", type=lambda text: text.split(","), default=list(WORKS), help="works, by name")
    parser.add_argument("--quick", action="store_true", help="compare with benchmarks/baseline.json in under 2 minutes")
    parser.add_argument(
        "--keep", action="store_true", help="with --quick: take what is better over into benchmarks/baseline.json"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    chosen = parser.parse_args()
    if unknown := [name for name in chosen.works if name not in WORKS]:
        parser.error(f"--works: {', '.join(unknown)} is not known; known are {', '.join(WORKS)}")
    return chosen


def rounds_of(variants: Sequence[Variant], works: Sequence[str], processes: int, blocks: int) -> list[Round]:
    """Starts every variant so many times and returns the rounds of all."""
    columns = (*Progress.get_default_columns(), TimeElapsedColumn())
    with (
        servers() as where,
        Progress(*columns, console=Console(stderr=True)) as progress,
    ):
        task = progress.add_task("measuring", total=processes * blocks * len(works) * len(variants))
        found = []
        for _ in range(processes):
            found += measure(variants, works, where, blocks, lambda: progress.advance(task))
        return found


def result_of(rounds: Sequence[Round], variants: Sequence[Variant], processes: int) -> dict[str, Any]:
    """Returns everything that is known after the last round."""
    summary = summary_of(rounds, variants)
    return {
        "processes": processes,
        "rounds": len(rounds),
        "versions": versions_of(variants),
        "summary": summary,
        "ratios": ratios.ratios(summary, variants),
    }


def show(result: Mapping[str, Any], variants: Sequence[Variant], *, as_json: bool) -> None:
    """Prints the result."""
    if as_json:
        print(json.dumps(result, indent=2))
        return
    console = Console()
    console.print(terminal_table(result["summary"], variants))


def picture(summary: Mapping[str, Mapping[str, Any]]) -> str:
    """Returns docs/costs.svg."""
    groups = {}
    for work in (each for each in PLOTTED if each in summary):
        found = []
        for variant in (each for each in VARIANTS if each != BARE):
            if variant == OTELMON or ratios.comparable(summary, work, variant):
                added = summary[work][variant.name]["cpu_us_added"]
                found.append((variant.name, added["median"], added["low"], added["high"]))
        groups[work] = [found[0], *sorted(found[1:], key=lambda bar: bar[1])]
    return bars("CPU added per operation, in microseconds", "make bench", groups)


def quick(*, keep: bool, as_json: bool) -> int:
    """Compares with the committed ratios and takes over what is better if asked to; 1 where one has become worse."""
    rounds: list[Round] = []
    said: list[str] = []
    result: dict[str, Any] = {}
    for attempt in range(1, QUICK_ATTEMPTS + 1):
        rounds += rounds_of(QUICK, QUICK_WORKS, 1, QUICK_BLOCKS)
        result = result_of(rounds, QUICK, attempt)
        said = ratios.worse(result["ratios"], ratios.kept())
        if not said and not keep:
            break
    show(result, QUICK, as_json=as_json)
    if keep:
        ratios.keep(ratios.better(result["summary"], ratios.kept()))
    for each in said:
        print(f"benchmark: {each}", file=sys.stderr)
    return 1 if said else 0


def whole(chosen: argparse.Namespace) -> dict[str, Any]:
    """Returns what only whole processes show: the service under load, starts and memory."""
    columns = (*Progress.get_default_columns(), TimeElapsedColumn())
    with servers() as where, Progress(*columns, console=Console(stderr=True)) as progress:
        total = chosen.pairs + chosen.starts * len(VARIANTS) + len(QUICK)
        task = progress.add_task("service, starts, memory", total=total)

        def done() -> None:
            progress.advance(task)

        service = measure_service(where, chosen.pairs, done)
        start = start_up(where, chosen.starts, VARIANTS, done)
        return {
            "service": service,
            "starts": chosen.starts,
            "start": {name: {key: vars(each) for key, each in by.items()} for name, by in start.items()},
            "operations": chosen.operations,
            "memory": memory(where, chosen.operations, QUICK, done),
        }


def main() -> int:
    """Measures, prints, and writes docs/costs.md, .json and .svg where all works were done."""
    unwind_when_told_to_end()
    chosen = arguments()
    if chosen.quick:
        return quick(keep=chosen.keep, as_json=chosen.json)
    rounds = rounds_of(VARIANTS, chosen.works, chosen.processes, chosen.blocks)
    result = result_of(rounds, VARIANTS, chosen.processes)
    if chosen.works == list(WORKS):
        result |= whole(chosen)
        docs = ROOT / "docs"
        (docs / "costs.md").write_text(page(result), encoding="utf-8")
        (docs / "costs.svg").write_text(picture(result["summary"]), encoding="utf-8")
        (docs / "costs.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    show(result, VARIANTS, as_json=chosen.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
