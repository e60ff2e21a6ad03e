"""``otelmon advise``: what indexes, tables and settings of a database need, with the evidence."""

from __future__ import annotations

from dataclasses import replace

import click
from rich.console import Console

from otelmon.operate.advise import output
from otelmon.operate.advise.finding import FINDING
from otelmon.operate.advise.limits import DAY, Limits
from otelmon.operate.advise.run import Request
from otelmon.operate.advise.run import advise as run_advise


@click.command()
@click.option(
    "--dsn",
    default="",
    help="The primary: postgresql://user@host:5432/database or host=... dbname=...; what is missing comes from PGHOST, "
    "PGPASSFILE and libpq's other variables, which keep the password out of the command line.",
)
@click.option("--replica", "replicas", multiple=True, help="A standby, in the same form; may be given several times.")
@click.option("--metrics", help="Address of a Prometheus API (VictoriaMetrics, Prometheus): who uses each table.")
@click.option("--traces", help="Address of Jaeger's query API: which lines of code use each table.")
@click.option(
    "--min-age-days",
    type=click.FloatRange(0),
    default=Limits().min_age_seconds / DAY,
    show_default=True,
    help="How old statistics, and an index, must be before no use of it counts. What runs once a month needs 35.",
)
@click.option(
    "--min-index-kib",
    type=click.IntRange(0),
    default=Limits().smallest_index_bytes // 1024,
    show_default=True,
    help="Unused indexes below this size are not worth a word.",
)
@click.option("--timeout-seconds", type=click.FloatRange(0.1), default=30.0, show_default=True, help="Of a statement.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="How to print it.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format=json.")
@click.pass_context
def advise(  # noqa: PLR0913, PLR0917 - options of a command
    context: click.Context,
    dsn: str,
    replicas: tuple[str, ...],
    metrics: str | None,
    traces: str | None,
    min_age_days: float,
    min_index_kib: int,
    timeout_seconds: float,
    form: str,
    as_json: bool,
) -> None:
    """Say what indexes, tables and settings of a database need, with the evidence.

    Reads only, in one transaction on each node, and needs nothing installed; connect as otelmon_reader, as the owner,
    or as any role with pg_monitor. Every finding has SQL to mend it and to undo that, where a statement can.

    "Cannot tell" is an answer: an index that looks unused is not called so while a standby was not given, statistics
    are too young, or nobody reads its table.

    Exit code 1 when there are findings; cannot tell and observations are none.

    \b
    Examples:
      otelmon advise --dsn postgresql://otelmon_reader@db/app --replica postgresql://otelmon_reader@standby/app
      otelmon advise --dsn "host=db dbname=app" --metrics http://127.0.0.1:8428 --format markdown > advice.md
    """  # noqa: D301 - click reads the escaped b as "do not wrap"
    limits = replace(Limits(), min_age_seconds=min_age_days * DAY, smallest_index_bytes=min_index_kib * 1024)
    facts, findings = run_advise(Request(dsn, replicas, metrics, traces, limits, timeout_seconds))
    if as_json or form == "json":
        click.echo(output.as_json(facts, findings))
    elif form == "markdown":
        click.echo(output.as_markdown(facts, findings), nl=False)
    else:
        output.print_text(Console(), facts, findings)
    if any(each.verdict == FINDING for each in findings):
        context.exit(1)
