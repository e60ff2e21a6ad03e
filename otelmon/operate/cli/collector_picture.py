"""Draws the Collector's effective configuration for a terminal of 100 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from otelmon.operate.collector.explain import Flow, Step

COLUMN = 26
MARKS = {"from": "┌", "step": "│", "to": "└"}
STYLES = {"from": "green", "step": "", "to": "cyan"}


def picture(flows: Sequence[Flow]) -> Group:
    """Returns one block a pipeline: where its data comes from, what each step does, where it goes."""
    return Group(*(part for flow in flows for part in (Text(flow.pipeline, style="bold"), _block(flow), Text())))


def _block(flow: Flow) -> Table:
    table = Table.grid(padding=(0, 1), pad_edge=False)
    table.add_column(width=3, no_wrap=True)
    table.add_column(width=COLUMN, overflow="fold")
    table.add_column(overflow="fold", ratio=1)
    for step in flow.steps:
        table.add_row(*_row(step))
    return table


def _row(step: Step) -> tuple[Text, Text, Text]:
    text = Text(step.does)
    text.highlight_words(("DROPS", "refuses"), style="bold red")
    return Text(f" {MARKS[step.role]}─"), Text(step.component, style=STYLES[step.role]), text
