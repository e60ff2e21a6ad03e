"""Holds otelmon's measurement of itself against the truth: ``python -m benchmarks.overhead [--rounds N] [--json]``.

In each round a bare process and one with otelmon, in random order, do the same work. What the second uses more is what
otelmon really adds, exporting threads included; beside it stands what otelmon itself says, and what measuring costs.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.stand_ins import servers
from benchmarks.statistics_of_rounds import Spread
from benchmarks.variants import BARE, OTELMON
from demo.parts.told_to_end import unwind_when_told_to_end

if TYPE_CHECKING:
    from benchmarks.stand_ins import Servers
    from benchmarks.variants import Variant

BLOCKS = 4
OPERATIONS = {"psycopg2": 2000, "requests GET": 500, "pool checkout": 8000}
# A limit that is never reached, so that it measures and sheds nothing.
MEASURING = replace(
    OTELMON, name="measuring", environment={**OTELMON.environment, "OTELMON_OVERHEAD_LIMIT_RATIO": "0.999"}
)
VARIANTS = (BARE, MEASURING)


def measure(variant: Variant, where: Servers, work: str) -> dict[str, float]:
    """Runs one process and returns the medians of its blocks, in microseconds an operation."""
    addresses = where.addresses
    done = subprocess.run(
        variant.command(
            "benchmarks/peers/overhead_worker.py", "bare" if variant == BARE else "otelmon", addresses.database,
            addresses.plain, addresses.github, work, str(BLOCKS), str(OPERATIONS[work]),
        ),
        env=variant.full_environment(where.receiver), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"benchmark: {variant.name} failed at {work}: {done.stderr.strip()[-800:]}")
    blocks = json.loads(done.stdout.strip().splitlines()[-1])
    return {key: Spread.of(each[key] for each in blocks).median for key in blocks[0]}


def main() -> int:
    """Measures and prints."""
    unwind_when_told_to_end()
    parser = argparse.ArgumentParser(prog="python -m benchmarks.overhead", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="how often every process runs (7)")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    chosen = parser.parse_args()
    found: dict[str, list[dict[str, float]]] = {work: [] for work in OPERATIONS}
    with servers() as where:
        for _ in track(range(chosen.rounds), "measuring", console=Console(stderr=True)):
            for work in OPERATIONS:
                order = random.sample(VARIANTS, len(VARIANTS))
                each = {variant.name: measure(variant, where, work) for variant in order}
                added = each["measuring"]["cpu_us"] - each["bare"]["cpu_us"]
                own = each["measuring"]["own_us"]
                found[work].append({"added": added, "said": own, "of the truth": own / added})
    spreads = {
        work: {key: Spread.of(each[key] for each in rounds) for key in rounds[0]} for work, rounds in found.items()
    }
    if chosen.json:
        shown = {work: {key: vars(each) for key, each in by_key.items()} for work, by_key in spreads.items()}
        print(json.dumps(shown, indent=2))
        return 0
    table = Table("work", "really added, µs", "said by otelmon, µs", "of the truth", title="median [q1-q3]")
    for work, by_key in spreads.items():
        whole = by_key["of the truth"]
        share = f"{whole.median:.2f} [{whole.low:.2f}-{whole.high:.2f}]"
        table.add_row(work, str(by_key["added"]), str(by_key["said"]), share)
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
