"""``otelmon sql install | verify | uninstall | print | show | snapshot | reset``."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from otelmon.operate.sql import files, install, script, use, verify

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_COLUMNS = 5
_dsn = click.option(
    "--dsn",
    default="",
    help="postgresql://user@host:5432/database or host=... dbname=...; what is missing comes from PGHOST, PGPASSFILE "
    "and libpq's other variables, which keep the password out of the command line.",
)
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
_dry_run = click.option("--dry-run", is_flag=True, help="Run everything, then take it back.")


@click.group()
def sql() -> None:
    """Install, check and use the schema otelmon in a PostgreSQL database.

    It holds views on what the server knows about statements, sessions, locks, indexes, tables and replication, two
    roles without a password, and a history. PostgreSQL 14 to 18; no superuser is needed where pg_stat_statements is
    there already. Each view has a page in docs/sql.
    """


@sql.command("install")
@_dsn
@_dry_run
@_json
def install_command(dsn: str, dry_run: bool, as_json: bool) -> None:
    """Install the schema or bring it up to date, in one transaction.

    Running it again changes nothing; the history is kept. Views that others built on those of otelmon stop it.
    """
    _print_outcome(install.install(dsn, dry_run=dry_run), as_json=as_json)


@sql.command("uninstall")
@_dsn
@_dry_run
@_json
@click.confirmation_option("--yes", prompt="Remove the schema otelmon and its history?")
def uninstall_command(dsn: str, dry_run: bool, as_json: bool) -> None:
    """Remove the schema with its history, and the roles that no other database uses."""
    _print_outcome(install.uninstall(dsn, dry_run=dry_run), as_json=as_json)


@sql.command("verify")
@_dsn
@click.option("--slow-ms", default=200.0, show_default=True, help="From how many milliseconds on a view is slow.")
@click.option("--timeout-ms", default=5000.0, show_default=True, help="When a view is cancelled.")
@_json
@click.pass_context
def verify_command(context: click.Context, dsn: str, slow_ms: float, timeout_ms: float, as_json: bool) -> None:
    """Run every view as otelmon_reader: ok, slow, denied, missing or failed.

    Connect as the reader, or as a role that may act as it. Nothing is changed. Exit code 1 when anything is not ok.
    """
    checks = verify.verify(dsn, slow_ms / 1000, timeout_ms / 1000)
    if as_json:
        click.echo(json.dumps({"checks": [asdict(check) for check in checks]}, indent=2))
    else:
        rows = [(check.name, check.verdict, check.rows, _milliseconds(check.seconds), check.detail) for check in checks]
        _print_table(("check", "verdict", "rows", "ms", "detail"), rows)
    if any(check.verdict != verify.OK for check in checks):
        context.exit(1)


@sql.command("print")
@click.option(
    "--server-version",
    "major",
    type=click.IntRange(files.OLDEST_MAJOR),
    default=files.NEWEST_MAJOR,
    show_default=True,
    help="Major version of the server that the script is for.",
)
def print_command(major: int) -> None:
    """Print the installation as one script for psql, to be read before it is run.

    \b
    Example:
      otelmon sql print --server-version 15 | psql --set ON_ERROR_STOP=1 database
    """  # noqa: D301 - click reads the escaped b as "do not wrap"
    click.echo(script.script(major), nl=False)


@sql.command("show")
@click.argument("view", required=False)
@_dsn
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many rows at most.")
@_json
def show_command(view: str | None, dsn: str, limit: int, as_json: bool) -> None:
    """Read a view; without its name, list the views and what they are for.

    \b
    Examples:
      otelmon sql show
      otelmon sql show slow_statements --dsn postgresql://otelmon_reader@localhost/app
    """  # noqa: D301 - as above
    if view is None:
        described = {name: file.description for name, file in files.views().items()}
        table = use.Table(("view", "shows"), tuple((name, each.summary) for name, each in described.items() if each))
    else:
        table = use.show(dsn, view, limit)
    if as_json:
        rows = [dict(zip(table.columns, map(_plain, row), strict=True)) for row in table.rows]
        click.echo(json.dumps({"view": view, "rows": rows}, indent=2))
    else:
        _print_table(table.columns, table.rows)


@sql.command("snapshot")
@_dsn
@click.option("--keep-days", type=click.FloatRange(0), default=30.0, show_default=True, help="Delete older snapshots.")
@_json
def snapshot_command(dsn: str, keep_days: float, as_json: bool) -> None:
    """Write the present totals into the history, and delete what is too old.

    Run it on a schedule, for example each hour by cron; the views snapshots, statement_deltas and alerts show what
    happened between two of them.
    """
    taken = use.snapshot(dsn, keep_days)
    click.echo(
        json.dumps(asdict(taken)) if as_json else f"snapshot {taken.snapshot_id}, {taken.pruned} old ones deleted"
    )


@sql.command("reset")
@_dsn
@_json
@click.confirmation_option("--yes", prompt="Forget the statements of this database in pg_stat_statements?")
def reset_command(dsn: str, as_json: bool) -> None:
    """Forget the statements of this database in pg_stat_statements; other databases keep theirs."""
    reset_at = use.reset(dsn)
    click.echo(json.dumps({"reset_at": reset_at}) if as_json else f"statistics of statements begin anew at {reset_at}")


def _print_outcome(outcome: install.Outcome, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(asdict(outcome), indent=2))
        return
    would = "would be " if outcome.dry_run else ""
    where = f"{outcome.database} (PostgreSQL {outcome.server_major})"
    if outcome.version_now is None:
        click.echo(f"{would}removed from {where}" if outcome.version_before else f"nothing to remove from {where}")
    else:
        what = f"{len(outcome.replaced)} files changed" if outcome.replaced else "nothing changed"
        click.echo(f"{would}installed in {where}: schema version {outcome.version_now}, {what}")
    for warning in outcome.warnings:
        click.echo(f"warning: {warning}", err=True)


def _milliseconds(seconds: float | None) -> str | None:
    return None if seconds is None else f"{seconds * 1000:.1f}"


def _plain(value: object) -> object:
    """Returns a value as JSON can have it; numbers stay numbers."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, (bool, int, float, str, list, dict, type(None))) else str(value)


def _print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    texts = [["" if value is None else str(_plain(value)) for value in row] for row in rows]
    if len(columns) > MOST_COLUMNS:
        _print_records(columns, texts)
        return
    table = Table(*columns, show_edge=False)
    for text in texts:
        table.add_row(*map(escape, text))
    Console().print(table)


def _print_records(columns: Sequence[str], texts: Sequence[Sequence[str]]) -> None:
    """Prints each row as a block of lines, because so many columns do not stand side by side."""
    width = max(map(len, columns))
    for number, text in enumerate(texts, 1):
        click.echo(f"-- row {number} of {len(texts)}")
        for column, value in zip(columns, text, strict=True):
            click.echo(f"{column:<{width}}  {value}".rstrip())
    if not texts:
        click.echo("no rows")
