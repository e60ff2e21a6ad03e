"""``otelmon settings``: every variable, its value now and where that came from."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from otelmon.operate import effective

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WIDTH_FOR_ACCEPTED = 120
WIDTH_FOR_MEANING = 170


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
@click.pass_context
def settings(context: click.Context, as_json: bool) -> None:
    """Show every variable of otelmon, its value now and where that came from.

    A value that cannot be used is marked, and the exit code is then 1. Secrets are masked.

    \b
    Examples:
      otelmon settings
      OTELMON_SLOW_QUERY_THRESHOLD=200 otelmon settings --json
    """  # noqa: D301 - click reads the escaped b as "do not wrap"
    application = effective.application(os.environ)
    collector = effective.collector(os.environ)
    operators = effective.operators(os.environ)
    alerts = effective.alerts(os.environ)
    if as_json:
        document = {
            "application": [asdict(row) for row in application],
            "collector": [asdict(row) for row in collector],
            "operators": [asdict(row) for row in operators],
            "alerts": [asdict(row) for row in alerts],
            "hooks": effective.hooks(),
        }
        click.echo(json.dumps(document, indent=2))
    else:
        tables = {"Application": application, "Collector": collector, "Operators' commands": operators}
        _print_tables({**tables, "Alerts": alerts})
    if any(row.problem for row in (*application, *collector, *operators, *alerts)):
        context.exit(1)


def _print_tables(groups: Mapping[str, Sequence[effective.Effective]]) -> None:
    console = Console()
    for title, rows in groups.items():
        console.print(_table(title, rows, console.width))
    console.print(f"Hooks that OTELMON_DISABLED_HOOKS can name: {', '.join(effective.hooks()) or 'none installed'}")
    for row in (row for rows in groups.values() for row in rows if row.problem):
        console.print(f"{row.name} cannot be used: {row.problem}", style="yellow", markup=False)


def _table(title: str, rows: Sequence[effective.Effective], width: int) -> Table:
    """Lays out variables; what does not fit beside the names on a narrow terminal is in `--json` and in docs."""
    table = Table(title=title, title_justify="left")
    table.add_column("variable", no_wrap=True)
    headings = ["value", "from"]
    headings += ["accepted"] if width >= WIDTH_FOR_ACCEPTED else []
    headings += ["meaning"] if width >= WIDTH_FOR_MEANING else []
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        source = f"{row.source} (the value given cannot be used)" if row.problem else row.source
        cells = (f"{row.value} {row.unit}".strip(), source, row.safe_range, row.meaning)
        table.add_row(row.name, *(escape(cell) for cell in cells[: len(headings)]))
    return table
