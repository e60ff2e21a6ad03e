"""``otelmon alerts``: rules, routes and links from operators' thresholds."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from otelmon.operate.alerts import files
from otelmon.operate.alerts.catalogue import RULES
from otelmon.operate.alerts.given import FILE_VARIABLE, read
from otelmon.operate.alerts.rendering import held, limit_shown
from otelmon.operate.resources import folder

thresholds_file = click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path),
    help=f"Your thresholds, links, receivers and changes of rules; that of {FILE_VARIABLE} when not given.",
)


@click.group()
def alerts() -> None:
    """Render alert rules for vmalert and Prometheus, and routes for Alertmanager."""


@alerts.command()
@thresholds_file
@click.option(
    "--output", type=click.Path(path_type=Path, file_okay=False), default=Path("alerts"), show_default=True,
    help="Folder that takes rules/, alertmanager.yml and otelmon.tmpl.",
)  # fmt: skip
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 where the folder differs.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def render(context: click.Context, path: Path | None, output: Path, check: bool, as_json: bool) -> None:
    """Write rules, routes and templates made of your thresholds.

    Files of yours beside them are left alone, so what you add to rules/ outlives every upgrade, as does your file of
    thresholds. A value that cannot be used is refused with its line, and nothing is written.

    \b
    Examples:
      otelmon alerts render --file alerts.yaml --output /etc/otelmon/alerts
      OTELMON_ALERT_POOL_PRESSURE_WARNING=0.7 otelmon alerts render --check
    """  # noqa: D301 - click reads the escaped b as "do not wrap"
    wanted = files.rendered(read(os.environ, path))
    changed = files.differences(output, wanted) if check else files.write(output, wanted)
    if as_json:
        click.echo(json.dumps({"folder": str(output), "files": sorted(wanted), "changed": changed}, indent=2))
    else:
        for name, what in changed.items():
            click.echo(f"{output / name}: {what}" if check else f"{output / name}: {WRITTEN[what]}")
        click.echo(f"{len(wanted)} files, {len(changed)} {'differ' if check else 'changed'}")
    if check and changed:
        context.exit(1)


WRITTEN = {"missing": "written", "different": "rewritten", "superfluous": "removed"}


@alerts.command(name="list")
@thresholds_file
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_(path: Path | None, as_json: bool) -> None:
    """Show every alert with its limit as your thresholds make it."""
    given = read(os.environ, path)
    rows = [
        {
            "alert": rule.alert, "severity": rule.severity, "group": rule.group, "team": rule.team,
            "limit": limit_shown(rule, given.values), "threshold": rule.limit, "for": held(rule, given.values),
        }
        for rule in RULES
    ]  # fmt: skip
    if as_json:
        click.echo(json.dumps({"rules": rows}, indent=2))
        return
    table = Table()
    for heading in ("alert", "severity", "team", "limit", "for"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(row["alert"], row["severity"], row["team"], row["limit"], row["for"])
    Console().print(table)


@alerts.command()
def path() -> None:
    """Print the folder of rendered defaults that came with otelmon."""
    click.echo(folder("alerts"))
