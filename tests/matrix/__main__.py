"""Tries the wheel with other releases of what it stands on: make test-matrix.

Each cell is an environment of its own. A cell for which there is no interpreter, or whose releases cannot be had, is
shown as not run, with the reason. Exit code 0: what ran passed, 1: a cell failed, 2: nothing could run.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from tests.matrix import environment, page, trial
from tests.matrix.cells import CELLS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.matrix.trial import Result


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the chosen cells, prints them, and writes their lines into docs/compatibility.md."""
    parser = argparse.ArgumentParser(prog="make test-matrix", description=__doc__)
    parser.add_argument("--only", default="", metavar="TEXT", help="cells whose name contains this")
    parser.add_argument("--json", action="store_true", help="prints the results as JSON")
    chosen = parser.parse_args(arguments)
    cells = [each for each in CELLS if chosen.only in each.name]
    if not cells:
        print(f"no cell has {chosen.only!r} in its name: {' '.join(each.name for each in CELLS)}", file=sys.stderr)
        return 2
    results: list[Result] = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            wheel = environment.build_wheel(Path(folder))
        except RuntimeError as error:
            print(f"the wheel cannot be built: {error}", file=sys.stderr)
            return 2
        for cell in cells:
            results.append(trial.run(cell, wheel))
            print(_line(results[-1]), file=sys.stderr, flush=True)
            page.write(results, CELLS)
    _show(results, as_json=chosen.json)
    return _code(results)


def _line(result: Result) -> str:
    return f"{result.cell.name}: {result.verdict} {result.why} {' '.join(result.failed)}".strip()


def _code(results: list[Result]) -> int:
    verdicts = {each.verdict for each in results}
    return 1 if "failed" in verdicts else 0 if "passed" in verdicts else 2


def _show(results: list[Result], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([each.as_json() for each in results], indent=2))
        return
    table = Table(*page.COLUMNS)
    for each in results:
        table.add_row(*page.cells(each))
    Console().print(table)


if __name__ == "__main__":
    raise SystemExit(main())
