"""Runs the benchmark: ``python -m benchmarks [--rounds N] [--operations N] [--quick] [--json]``."""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import subprocess
import sys
import tempfile
import urllib.request
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import Progress, TimeElapsedColumn

from benchmarks.report import page, terminal_table
from benchmarks.statistics_of_rounds import summarize
from benchmarks.variants import DISTRO, ROOT, VARIANTS, Variant
from benchmarks.worker import OPERATIONS_PER_ROOT, WARM_UP

if TYPE_CHECKING:
    from collections.abc import Iterator

QUICK = (3, 600)


@contextlib.contextmanager
def counting_receiver() -> Iterator[str]:
    """Starts the receiver and yields its address."""
    command = [sys.executable, str(Path(__file__).parent / "sink.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - asked for above
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def delivered(endpoint: str) -> int:
    """Returns the spans that arrived since the last question."""
    with urllib.request.urlopen(f"{endpoint}/spans", timeout=60) as answer:
        return int(answer.read())


def measure(variant: Variant, url: str, endpoint: str, operations: int) -> dict[str, float]:
    """Runs one variant once and returns its figures, with the share of its spans that arrived."""
    done = subprocess.run(
        variant.command(url, operations),
        env=variant.full_environment(endpoint),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"benchmark: variant {variant.name} failed: {done.stderr.strip()[-500:]}")
    figures: dict[str, float] = json.loads(done.stdout)
    arrived = delivered(endpoint)
    made = (operations + WARM_UP) * (1 + 1 / OPERATIONS_PER_ROOT)
    return {**figures, "delivered": arrived / made} if variant.traced else figures


def run(url: str, endpoint: str, rounds: int, operations: int, console: Console) -> dict[str, Any]:
    """Runs every round and returns the result."""
    measured: list[dict[str, dict[str, float]]] = []
    shares: dict[str, float | None] = {variant.name: None for variant in VARIANTS}
    with Progress(*Progress.get_default_columns(), TimeElapsedColumn(), console=console) as progress:
        task = progress.add_task("measuring", total=rounds * len(VARIANTS))
        for _ in range(rounds):
            figures = {}
            for variant in random.sample(VARIANTS, len(VARIANTS)):
                each = measure(variant, url, endpoint, operations)
                if "delivered" in each:
                    shares[variant.name] = min(each.pop("delivered"), shares[variant.name] or 1.0)
                figures[variant.name] = each
                progress.advance(task)
            measured.append({variant.name: figures[variant.name] for variant in VARIANTS})
    summary = summarize(measured, VARIANTS[0].name)
    for name, share in shares.items():
        summary[name]["delivered"] = share
    return {
        "rounds": rounds,
        "operations": operations,
        "warm_up": WARM_UP,
        "sdk": version("opentelemetry-sdk"),
        "distro": next(DISTRO.glob("opentelemetry_distro-*.dist-info")).name.split("-")[1].removesuffix(".dist"),
        "summary": summary,
    }


def arguments() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="how often every variant runs (9)")
    parser.add_argument("--operations", type=int, default=3000, help="queries per run (3000)")
    parser.add_argument("--quick", action="store_true", help="a look of half a minute; writes no document")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    return parser.parse_args()


def main() -> int:
    """Measures, prints, and writes docs/costs.md."""
    from demo.parts import postgres, postgres_programs  # noqa: PLC0415 - --help needs no PostgreSQL
    from demo.parts.ports import free_port  # noqa: PLC0415 - as above
    from demo.parts.supervisor import Supervisor  # noqa: PLC0415 - as above

    chosen = arguments()
    rounds, operations = QUICK if chosen.quick else (chosen.rounds, chosen.operations)
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory() as folder, counting_receiver() as endpoint:
        supervisor = Supervisor(Path(folder))
        try:
            server = postgres.start(supervisor, postgres_programs.find(ROOT / ".cache"), free_port())
            result = run(server.url, endpoint, rounds, operations, console)
        finally:
            supervisor.stop()
    if chosen.json:
        print(json.dumps(result, indent=2))
    else:
        Console().print(terminal_table(result["summary"]))
    if not chosen.quick:
        (ROOT / "docs" / "costs.md").write_text(page(result), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
