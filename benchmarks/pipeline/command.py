"""The command of a drill: runs it in a folder that goes again, prints its table, tells by the exit code how it went."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from rich.console import Console

from benchmarks.pipeline.table import write_section
from demo.parts.errors import PartError
from demo.parts.steps import Steps

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

PAGE = "docs/outages.md"


class Outcome(Protocol):
    """What a drill found."""

    @property
    def holds(self) -> bool:
        """Tells whether everything promised held."""


Found = TypeVar("Found", bound=Outcome)


def run(
    section: str,
    parser: argparse.ArgumentParser,
    drill: Callable[[argparse.Namespace, Path, Steps], Found],
    table: Callable[[Found], list[str]],
) -> int:
    """Runs one drill; returns 0 when its promises held, 1 when not, 2 when it could not run.

    Args:
        section: of docs/outages.md, which ``--write`` fills; ``make drill-<section>`` starts it.
        parser: of the drill's own options.
        drill: takes the options, an empty folder and what shows the steps.
        table: makes lines of Markdown.
    """
    parser.add_argument("--write", action="store_true", help=f"write the table into {PAGE}")
    chosen = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="otelmon-drill-") as folder:
            found = drill(chosen, Path(folder), Steps(Console(stderr=True)))
    except PartError as error:
        print(f"drill-{section}: {error}", file=sys.stderr)
        return 2
    lines = table(found)
    print("\n".join(lines))
    if chosen.write:
        write_section(PAGE, section, lines)
    return 0 if found.holds else 1
