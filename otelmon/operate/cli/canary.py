"""``otelmon canary``: sends canaries and looks for them behind every hop."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from otelmon.operate.canary import hops, process
from otelmon.operate.overview.addresses import from_environment

if TYPE_CHECKING:
    from otelmon.operate.canary.follow import Passage


@click.command()
@click.option("--once", "only_once", is_flag=True, help="Send one, say how far it came, and end.")
@click.option("--json", "as_json", is_flag=True, help="With --once: print one JSON document.")
@click.option(
    "--interval", type=click.FloatRange(1, 3600), default=15.0, show_default=True, help="Seconds between two."
)
@click.option(
    "--deadline",
    type=click.FloatRange(1, 3600),
    default=90.0,
    show_default=True,
    help="Seconds until what was not found is missed; above sampling's wait, export intervals and the store's delay.",
)
@click.option(
    "--hop",
    "chosen",
    multiple=True,
    type=click.Choice(hops.HOPS),
    help="Look behind this hop; may be given several times. All of them when not given.",
)
@click.option(
    "--heartbeats",
    type=click.Path(path_type=Path, file_okay=False),
    help="Count the processes that beat into this folder, their OTELMON_HEARTBEAT_DIRECTORY.",
)
@click.pass_context
def canary(  # noqa: PLR0913, PLR0917 - click hands over each option by its name
    context: click.Context,
    only_once: bool,
    as_json: bool,
    interval: float,
    deadline: float,
    chosen: tuple[str, ...],
    heartbeats: Path | None,
) -> None:
    """Send canaries by OTLP and look for them behind every hop: are the ways open?

    A canary is a trace of two spans. jaeger_kept and jaeger_sampled: it came to Jaeger by the branch without sampling,
    and through sampling. metrics: the figures that the Collector makes of it came to the store. sentry: the Collector
    has delivered spans to Sentry since. It is sent where OTEL_EXPORTER_OTLP_ENDPOINT says, so run it where applications
    run; OTELMON_JAEGER_URL and OTELMON_METRICS_URL say where to look. docs/pipeline.md has its metrics.

    \b
    Examples:
      otelmon canary --once
      otelmon canary --hop jaeger_kept --hop jaeger_sampled --interval 15

    With --once the exit code is 1 when a hop was not reached.
    """  # noqa: D301 - click reads the escaped b as "do not wrap"
    options = process.Options(from_environment(os.environ), chosen or hops.HOPS, interval, deadline, heartbeats)
    if only_once:
        passage = process.once(options)
        click.echo(json.dumps(asdict(passage), indent=2) if as_json else text_of(passage))
        context.exit(1 if passage.missed else 0)
    _log_to_stderr()
    process.run(options)


def text_of(passage: Passage) -> str:
    """Returns a line for each hop."""
    lines = [f"trace {passage.trace_id}"]
    lines += [f"{hop:<16} after {seconds:.1f} s" for hop, seconds in passage.seconds.items()]
    lines += [f"{hop:<16} MISSED: {reason}" for hop, reason in passage.missed.items()]
    return "\n".join(lines)


def _log_to_stderr() -> None:
    """Writes the log as lines of fields; the time is in UTC."""
    handler = logging.StreamHandler(sys.stderr)
    formatter = logging.Formatter("%(asctime)sZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("otelmon.canary").setLevel(logging.INFO)
