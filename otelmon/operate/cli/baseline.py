"""``otelmon baseline``: thresholds proposed from recorded data, with the alarms that each would have raised."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from otelmon.operate.alerts.given import read
from otelmon.operate.alerts.threshold import number
from otelmon.operate.alerts.thresholds import BY_NAME
from otelmon.operate.baseline import source
from otelmon.operate.baseline.proposal import Proposal, Wanted, propose
from otelmon.operate.baseline.rules import measured

if TYPE_CHECKING:
    from otelmon.operate.baseline.rate import Rate

DAY = 86_400.0


@click.command()
@click.option("--metrics", default="", help="Address of VictoriaMetrics or Prometheus; else OTELMON_METRICS_URL.")
@click.option("--days", type=click.FloatRange(0.001, 400), default=7.0, show_default=True, help="How far to look back.")
@click.option("--from", "recorded", type=click.Path(path_type=Path), help="Read what --save has written.")
@click.option("--save", type=click.Path(path_type=Path), help="Write what was read as JSON.")
@click.option("--file", type=click.Path(path_type=Path), help="Your thresholds; else that of OTELMON_ALERTS_FILE.")
@click.option(
    "--alarms-a-week", type=click.FloatRange(0), default=1.0, show_default=True,
    help="False alarms of one threshold that you can bear.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def baseline(  # noqa: PLR0913, PLR0917 - options of a command
    metrics: str,
    days: float,
    recorded: Path | None,
    save: Path | None,
    file: Path | None,
    alarms_a_week: float,
    as_json: bool,
) -> None:
    """Propose thresholds from recorded data, with the alarms that each would have raised.

    Every alarm in the record counts as false: look back over ordinary days. Nothing is changed; copy what you like
    into your file of thresholds. The upper figure is what the record does not rule out: after a quiet day a threshold
    may still ring three times a day.

    \b
    Examples:
      otelmon baseline --metrics http://127.0.0.1:8428 --days 14
      otelmon baseline --save record.json && otelmon baseline --from record.json --alarms-a-week 0
    """  # noqa: D301 - click reads the escaped b as "do not wrap"
    given = read(os.environ, file)
    wanted = {each.threshold: each for each in measured(given.values)}
    store = metrics or os.environ.get("OTELMON_METRICS_URL", "").strip() or "http://127.0.0.1:8428"
    now = time.time()
    records = source.load(recorded) if recorded else source.ask(store, [*wanted.values()], now - days * DAY, now)
    if save:
        source.save(save, records)
    found = []
    for record in records:
        if one := wanted.get(record.threshold):
            bearable = Wanted(one.side, one.hold, given.values["clear_seconds"], alarms_a_week)
            found.append(propose(record, BY_NAME[one.threshold], given.values[one.threshold], bearable))
    click.echo(json.dumps([_document(each) for each in found], indent=2)) if as_json else _show(found)


def _document(each: Proposal) -> dict[str, object]:
    return {
        "threshold": each.threshold,
        "unit": each.unit,
        "present": each.present,
        "present_alarms_a_week": each.present_rate.a_week,
        "present_alarms_a_week_at_most": each.present_rate.highest,
        "proposed": each.proposed,
        "proposed_alarms_a_week": each.proposed_rate.a_week if each.proposed_rate else None,
        "proposed_alarms_a_week_at_most": each.proposed_rate.highest if each.proposed_rate else None,
        "reason": each.reason,
    }


def _show(found: list[Proposal]) -> None:
    table = Table()
    table.add_column("threshold", no_wrap=True)
    for heading in ("present", "alarms a week", "proposed", "alarms a week"):
        table.add_column(heading, overflow="fold")
    for each in found:
        proposed = each.reason if each.proposed is None else number(each.proposed)
        table.add_row(
            each.threshold, number(each.present), _shown(each.present_rate), proposed, _shown(each.proposed_rate)
        )
    Console().print(table)


def _shown(rate: Rate | None) -> str:
    if rate is None or rate.a_week is None or rate.highest is None:
        return ""
    return f"{rate.a_week:.1f} (up to {rate.highest:.1f})"
