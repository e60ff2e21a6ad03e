"""``otelmon status``: what a team keeps an eye on, in the terminal."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
from dataclasses import asdict
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.live import Live

from otelmon.operate.overview.addresses import from_environment
from otelmon.operate.overview.read import read_now
from otelmon.operate.overview.terminal import is_bad, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from otelmon.operate.overview.addresses import Addresses
    from otelmon.operate.overview.values import Overview


@click.command()
@click.option("--watch", is_flag=True, help="Show it again and again, until Ctrl-C.")
@click.option("--every", type=click.FloatRange(1, 3600), default=5.0, show_default=True, help="Seconds, with --watch.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
@click.pass_context
def status(context: click.Context, watch: bool, every: float, as_json: bool) -> None:
    """Show open alerts, slow statements, sessions, pools, GitHub's budgets, caches and the pipeline's own health.

    Every figure is shown with the time since it was measured. A source that is away is said; the others stay. The
    addresses of the sources are in `otelmon settings`.

    \b
    Examples:
      otelmon status
      otelmon status --watch --every 2
      OTELMON_STATUS_URLS=http://app:9464/status,http://observer:9187/status otelmon status --json

    Exit code: 0 all is well, 1 an alert is open, a source is away or a status page is not ok.
    """  # noqa: D301 - click reads the escaped b as "do not wrap"
    addresses = from_environment(os.environ)
    overview = read_now(addresses)
    if as_json:
        click.echo(json.dumps(asdict(overview), indent=2))
    elif watch:
        overview = _watch(addresses, overview, every)
    else:
        Console().print(shown(overview))
    context.exit(1 if is_bad(overview) else 0)


def _watch(addresses: Addresses, seen: Overview, every: float) -> Overview:
    """Shows it again and again until Ctrl-C, and returns what was shown last."""
    with _until_interrupted() as ended, Live(shown(seen), refresh_per_second=1, screen=True) as live:
        while not ended.wait(every):
            seen = read_now(addresses)
            live.update(shown(seen), refresh=True)
    return seen


@contextlib.contextmanager
def _until_interrupted() -> Iterator[threading.Event]:
    """Yields what Ctrl-C sets: asyncio's own handler loses one that comes in the last step of a reading."""
    ended = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: ended.set())
    try:
        yield ended
    finally:
        signal.signal(signal.SIGINT, before)
