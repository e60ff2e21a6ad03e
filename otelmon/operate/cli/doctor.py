"""``otelmon doctor``: follows a canary from hop to hop, and looks at what commonly goes wrong."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape

from otelmon.operate.doctor.back_ends import SECONDS_TO_ARRIVE
from otelmon.operate.doctor.examine import examine
from otelmon.operate.doctor.result import exit_code
from otelmon.operate.overview.addresses import from_environment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from otelmon.operate.doctor.result import Result

SIGNS = {"ok": "[green]ok     [/green]", "finding": "[red]finding[/red]", "unknown": "[yellow]unknown[/yellow]"}
TITLES = {
    "way": "The way of a canary",
    "application": "The application's environment",
    "database": "The database",
    "clock": "Clocks",
}


@click.command()
@click.option("--dsn", default="", envvar="OTELMON_OBSERVE_DSN", help="Database to look at, as of otelmon observe.")
@click.option(
    "--seconds",
    type=click.FloatRange(1, 300),
    default=SECONDS_TO_ARRIVE,
    show_default=True,
    help="How long a canary is waited for at each back end.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def doctor(context: click.Context, dsn: str, seconds: float, as_json: bool) -> None:
    """Follow a canary from hop to hop and say where it was lost, and how to mend that.

    Run it in the environment of the application: with its variables, its Python and its packages. A span and a metric
    are sent by the application's own road and looked for in Jaeger and the metrics store; Sentry gets an empty request
    with the Collector's key; Alertmanager gets an alert that is over before anybody is called. The addresses are those
    of `otelmon settings`.

    \b
    Examples:
      otelmon doctor
      OTELMON_METRICS_URL=http://metrics:8428 otelmon doctor --dsn postgresql://otelmon_reader@db/app --json

    Exit code: 0 all is well, 1 something was found, 2 the doctor could not work.
    """  # noqa: D301 - click reads the escaped b as "do not wrap"
    results = examine(os.environ, from_environment(os.environ), dsn, seconds)
    if as_json:
        click.echo(json.dumps([asdict(each) for each in results], indent=2))
    else:
        _print(results)
    context.exit(exit_code(results))


def _print(results: Sequence[Result]) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for group, title in TITLES.items():
        rows = [each for each in results if each.group == group]
        for line in [f"[bold]{title}[/bold]", *(line for each in rows for line in _lines(each))] if rows else ():
            console.print(line)
    found = sum(each.outcome == "finding" for each in results)
    console.print("Nothing was found." if not found else f"{found} to mend.")


def _lines(result: Result) -> list[str]:
    seen = f"  {SIGNS[result.outcome]}  {escape(result.name)}: {escape(result.seen)}"
    return [seen, f"           {escape(result.fix)}"] if result.fix else [seen]
