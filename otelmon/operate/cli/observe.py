"""``otelmon observe``: watches one database from outside the application."""

from __future__ import annotations

import json
import logging
import os
import sys
import time

import click

from otelmon.operate.observe import address, once, process
from otelmon.operate.observe.session import Limits
from otelmon.settings import Settings

LOOPBACK = "127.0.0.1"


@click.command()
@click.option(
    "--dsn",
    default="",
    envvar=address.DSN_VARIABLE,
    help="postgresql://otelmon_reader@host:5432/database, or host=... dbname=... or service=...; also by "
    f"{address.DSN_VARIABLE}. What is missing comes from PGHOST, PGPASSFILE and libpq's other variables, which keep "
    "the password out of the command line.",
)
@click.option(
    "--interval",
    type=click.FloatRange(1, 3600),
    default=15.0,
    show_default=True,
    help="Seconds between two looks at what sessions do; views that cost more are read less often in proportion.",
)
@click.option("--statement-timeout-ms", type=click.IntRange(10), default=2000, show_default=True, help="For each view.")
@click.option("--lock-timeout-ms", type=click.IntRange(1), default=100, show_default=True, help="For each lock.")
@click.option("--health-host", default=LOOPBACK, show_default=True, help="Where /livez, /readyz and /status listen.")
@click.option("--health-port", type=click.IntRange(0, 65535), default=9187, show_default=True, help="0: a free one.")
@click.option(
    "--once", "only_once", is_flag=True, help="Read every view once, print it, and end. No Collector is used."
)
@click.option("--json", "as_json", is_flag=True, help="With --once: print one JSON document.")
@click.pass_context
def observe(  # noqa: PLR0913, PLR0917 - click hands over each option by its name
    context: click.Context,
    dsn: str,
    interval: float,
    statement_timeout_ms: int,
    lock_timeout_ms: int,
    health_host: str,
    health_port: int,
    only_once: bool,
    as_json: bool,
) -> None:
    """Watch one database: read its views on a schedule, send metrics and events by OTLP.

    The schema must be there (otelmon sql install) and the role otelmon_reader able to log in. One process a database,
    one connection, read-only, every query with a time limit. What cannot be seen is said: in the log once, in the
    metric otelmon.postgresql.view.up with the reason, and at /status. Where the server goes away it is waited for.
    OTEL_EXPORTER_OTLP_ENDPOINT and OpenTelemetry's other variables hold; docs/observe.md lists every metric.

    \b
    Examples:
      otelmon observe --once --dsn postgresql://otelmon_reader@db/app      what would be seen
      PGPASSFILE=/etc/otelmon/pgpass otelmon observe --dsn postgresql://otelmon_reader@db/app
      otelmon observe --dsn service=app --interval 30 --health-port 0
      curl http://127.0.0.1:9187/status

    With --once the exit code is 1 when a view could not be read, 2 when the database could not be reached.
    """  # noqa: D301 - click reads the escaped b as "do not wrap"
    parameters = address.parameters(dsn, os.environ)
    settings, warnings = Settings.from_env(os.environ)
    options = process.Options(
        parameters, address.server(parameters, os.environ), interval, Limits(statement_timeout_ms, lock_timeout_ms),
        health_host, health_port, settings.label_limit,
    )  # fmt: skip
    if only_once:
        context.exit(_print_once(options, as_json=as_json))
    _log_to_stderr()
    for warning in warnings:
        logging.getLogger("otelmon.observe").warning(warning)
    process.run(options)


def _print_once(options: process.Options, *, as_json: bool) -> int:
    """Prints what one look at every view shows and returns the exit code."""
    document = once.look_once(process.observer_of(options, once.say_nothing, frozenset()), time.monotonic)
    if as_json:
        click.echo(json.dumps(document, indent=2))
    else:
        for line in once.lines(document):
            click.echo(line)
    return 1 if once.findings(document) else 0


def _log_to_stderr() -> None:
    """Writes the log as lines of fields; the time is in UTC."""
    handler = logging.StreamHandler(sys.stderr)
    formatter = logging.Formatter("%(asctime)sZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.INFO, handlers=[handler])
