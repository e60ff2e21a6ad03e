"""``otelmon drill``: breaks a running stack in every way that an alert rule is for."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from otelmon.operate.drill import faults as modules
from otelmon.operate.drill import table
from otelmon.operate.drill.drilling import Drill
from otelmon.operate.drill.ledger import WATCHDOG, ledger
from otelmon.operate.drill.sighting import NOTIFIED
from otelmon.operate.drill.watching import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.operate.drill.fault import Fault


@click.command()
@click.argument("names", nargs=-1, metavar="[FAULT]...")
@click.option(
    "--stack", "directory", type=click.Path(path_type=Path, file_okay=False), default=Path(".demo/drill/broken"),
    show_default=True, help="Directory of the stack that `make drill-stack` started.",
)  # fmt: skip
@click.option(
    "--faults", "module", default=modules.DEFAULT, show_default=True, help="Python module that has the faults."
)
@click.option("--list", "only_list", is_flag=True, help="Show the faults and the rules that they prove; break nothing.")
@click.option("--quiet", "quiet_seconds", type=click.FloatRange(1), help="Break nothing for so many seconds instead.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document; progress goes to stderr.")
@click.option("--markdown", type=click.Path(path_type=Path, dir_okay=False), help="Write the table to a file too.")
@click.pass_context
def drill(  # noqa: PLR0913, PLR0917 - click hands over each option by its name
    context: click.Context,
    names: tuple[str, ...],
    directory: Path,
    module: str,
    only_list: bool,
    quiet_seconds: float | None,
    as_json: bool,
    markdown: Path | None,
) -> None:
    """Break a running stack on purpose, a fault for each alert rule, and measure who is told and when.

    Every fault is real: queries wait, connections leak, servers stop, budgets are spent. Faults that do not disturb one
    another run at the same time. Measured are, from the injection: the event, the rule pending and firing, the
    notification at the receiver, and, from the moment it was undone, the end of the alert.

    \b
    Examples:
      make drill-stack && otelmon drill slow-queries database-down
      otelmon drill --list
      otelmon drill --quiet 600        nothing may fire

    Never aim it at anything that people use. Exit code 1: something was not told within two minutes, did not clear, or
    an alert came that no fault explains.
    """  # noqa: D301 - click reads the escaped b as "do not wrap"
    source: modules.Faults = modules.load(module)
    here = source.situation(directory)
    if only_list:
        _list(source.faults(here), as_json=as_json)
        return
    console = Console(stderr=True)
    began = time.monotonic()

    def tell(line: str) -> None:
        console.print(f"{time.monotonic() - began:6.0f} s  {line}", markup=False, highlight=False)

    with Watcher(source.addresses(here)) as watcher, source.traffic(here):
        if quiet_seconds:
            context.exit(_quiet(watcher, quiet_seconds, tell, as_json=as_json))
        outcomes = Drill(watcher, tell).run(modules.chosen(source.faults(here), names))
        found = ledger(outcomes, watcher.sightings)
    if markdown:
        markdown.write_text("\n".join((*table.markdown(outcomes), "", *table.summary(outcomes, found), "")), "utf-8")
    document = table.document(outcomes, found)
    if as_json:
        click.echo(json.dumps(document, indent=1))
    else:
        out = Console(file=sys.stdout)
        out.print(table.terminal(outcomes))
        for line in table.summary(outcomes, found):
            out.print(line, markup=False, highlight=False)
    context.exit(0 if document["good"] else 1)


def _list(faults: list[Fault], *, as_json: bool) -> None:
    rows = [(fault.name, *stage.rule, stage.what) for fault in faults for stage in fault.stages]
    if as_json:
        names = ("fault", "alert", "severity", "what")
        click.echo(json.dumps([dict(zip(names, row, strict=True)) for row in rows], indent=1))
        return
    for row in rows:
        click.echo(f"{row[0]:<20} {row[1]:<34} {row[2]:<9} {row[3]}")


def _quiet(watcher: Watcher, seconds: float, tell: Callable[[str], None], *, as_json: bool) -> int:
    """Waits while only usual requests are sent, and says what was told nevertheless."""
    tell(f"usual requests for {seconds:.0f} s")
    time.sleep(seconds)
    came = [dict(each.labels) for each in watcher.sightings if each.kind == NOTIFIED and each.rule[0] != WATCHDOG]
    if as_json:
        click.echo(json.dumps({"good": not came, "seconds": seconds, "alerts": came}, indent=1))
    else:
        click.echo(f"alerts in {seconds:.0f} s without a fault: {len(came)}")
        for labels in came:
            click.echo(f"  {labels}")
    return 1 if came else 0
