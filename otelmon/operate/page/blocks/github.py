"""GitHub's budgets: what is left, until when it has to last, and how long it will."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate.overview.read import METRICS
from otelmon.operate.page import figures
from otelmon.operate.page.parts import Block, Cell, Head, Table, Tile, figure_cell, text_cell

if TYPE_CHECKING:
    from otelmon.operate.overview.values import Row
    from otelmon.operate.page.blocks.seen import Seen
    from otelmon.operate.page.parts import Tone

LOW, VERY_LOW = 0.2, 0.05


def block(seen: Seen) -> Block:
    """Returns the block of budgets."""
    heads = (
        Head("Budget"), Head("Left", number=True), Head("Last hour"), Head("Starts anew in", number=True),
        Head("Will be spent in", number=True), Head("Age", number=True),
    )  # fmt: skip
    rows = tuple(budget(seen, each) for each in seen.rows("github"))
    table = Table("Budgets of the GitHub API", heads, rows, seen.empty("github", "No answer of GitHub was seen."))
    return Block("github", "GitHub budgets", (table,), seen.age_of("github"), seen.away(METRICS, "github"))


def budget(seen: Seen, row: Row) -> tuple[Cell, ...]:
    """Returns one budget; its age is that of GitHub's last answer."""
    left = share_left(row)
    limit, remaining = row.figure("limit").value, row.figure("remaining").value
    answered, behind = row.figure("answered").value, seen.age(row)
    age = None if answered is None or behind is None else answered + behind
    return (
        text_cell(row.labels.get("resource", ""), f"owner {row.labels.get('owner', '') or figures.UNKNOWN}"),
        figure_cell(figures.share(left), low(left), more=f"{figures.count(remaining)} of {figures.count(limit)}"),
        Cell("", curve=seen.curve("github", row.labels)),
        figure_cell(figures.duration(row.figure("reset in").value)),
        forecast(row),
        Cell(figures.age(age), "dim"),
    )


def share_left(row: Row) -> float | None:
    """Returns which share of a budget is left; None where it is not known, as after its window has ended."""
    limit, remaining = row.figure("limit").value, row.figure("remaining").value
    return remaining / limit if limit and remaining is not None else None


def low(left: float | None) -> Tone:
    """Returns the tone of what is left."""
    if left is None or left > LOW:
        return ""
    return "bad" if left <= VERY_LOW else "warn"


def forecast(row: Row) -> Cell:
    """Returns when the budget will be spent, and whether that is before it starts anew."""
    spent, reset = row.figure("exhausted in").value, row.figure("reset in").value
    if spent is None:
        return Cell("no forecast", "dim")
    if reset is not None and spent < reset:
        return Cell(figures.duration(spent), "bad", more="too early")
    return Cell(figures.duration(spent), more="it lasts" if reset is not None else "")


def tile(seen: Seen) -> Tile:
    """Returns the budget of which least is left."""
    known = [(left, row) for row in seen.rows("github") if (left := share_left(row)) is not None]
    if not known:
        return Tile("GitHub budget left", figures.UNKNOWN, "no budget is known", "github", "dim")
    left, row = min(known, key=lambda each: each[0])
    more = f"{figures.shown(row.labels.get('resource', ''), 30)}: {figures.count(row.figure('remaining').value)} left"
    early = forecast(row).tone == "bad"
    tone: Tone = "bad" if early else low(left) or "good"
    return Tile(
        "GitHub budget left", figures.share(left), more, "github", tone, seen.age_of("github"),
        seen.curve("github", row.labels),
    )  # fmt: skip
