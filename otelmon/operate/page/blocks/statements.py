"""Slow statements: the slowest calls of the last hour with their traces, and what all calls of a kind took."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from otelmon.operate.overview.read import JAEGER, METRICS
from otelmon.operate.page import figures
from otelmon.operate.page.parts import Block, Cell, Head, Table, Tile, figure_cell, text_cell

if TYPE_CHECKING:
    from otelmon.operate.overview.values import Row, SlowSpan
    from otelmon.operate.page.blocks.seen import Seen
    from otelmon.operate.page.parts import Tone

TRACE_ID = re.compile(r"[0-9a-fA-F]{1,32}")
MOST_ROWS = 12
# The largest bound of db.client.operation.duration.
LAST_BOUND_SECONDS = 10.0
UNNAMED = "OTHER"


def block(seen: Seen) -> Block:
    """Returns the block of slow statements; either of its sources may be away."""
    away = " ".join(filter(None, (seen.away(JAEGER), seen.away(METRICS, "statements"))))
    tables = (calls(seen), kinds(seen))
    return Block("statements", "Slow statements", tables, seen.age_of("statements"), away, wide=True)


def calls(seen: Seen) -> Table:
    """Returns single slow calls, the slowest first, each with a link to its trace."""
    heads = (Head("Call"), Head("Service"), Head("Took", number=True), Head("Ended", number=True), Head("Line of code"))
    rows = tuple(call(seen, each) for each in seen.snapshot.overview.slow[:MOST_ROWS])
    empty = "No slow call in the last hour." if not seen.snapshot.away(JAEGER) else "Not known."
    return Table("Slowest calls of the last hour", heads, rows, empty)


def call(seen: Seen, span: SlowSpan) -> tuple[Cell, ...]:
    """Returns one slow call."""
    href = f"/trace/{span.trace_id}" if TRACE_ID.fullmatch(span.trace_id) else ""
    return (
        Cell(figures.shown(span.name or "no name", 120), href=href),
        text_cell(span.service),
        figure_cell(figures.duration(span.seconds)),
        Cell(f"{figures.age(max(seen.now - span.ended, 0.0))} ago"),
        text_cell(span.line),
    )


def kinds(seen: Seen) -> Table:
    """Returns what kinds of statements were slow or failed, those with the most slow calls first."""
    heads = (
        Head("Statement"), Head("Service"), Head("Slow", number=True), Head("Calls", number=True),
        Head("Errors", number=True), Head("95th percentile", number=True), Head("Slow, last hour"),
        Head("Age", number=True),
    )  # fmt: skip
    lately = [each for each in seen.rows("statements") if any(figure.value for figure in each.figures.values())]
    rows = tuple(kind(seen, each) for each in lately[:MOST_ROWS])
    return Table(
        "Statements of the last 15 minutes",
        heads,
        rows,
        seen.empty("statements", "No database call in the last 15 minutes."),
    )


def kind(seen: Seen, row: Row) -> tuple[Cell, ...]:
    """Returns one kind of statement."""
    slow, errors = row.figure("slow").value, row.figure("errors").value
    operation = row.labels.get("db_operation_name", "")
    name = " ".join(filter(None, (operation, row.labels.get("db_collection_name", ""))))
    return (
        text_cell(name or UNNAMED, f"in {database}" if (database := row.labels.get("db_namespace", "")) else ""),
        text_cell(row.labels.get("service_name", "")),
        # Neither counter begins before the first of its kind: where calls are known, absent means none.
        figure_cell(figures.count(none_yet(row, slow)), "warn" if slow else ""),
        figure_cell(figures.count(row.figure("calls").value)),
        figure_cell(figures.count(none_yet(row, errors)), "warn" if errors else ""),
        figure_cell(percentile(row.figure("p95").value)),
        Cell("", curve=seen.curve("statements", row.labels)),
        seen.age_cell(row),
    )


def percentile(seconds: float | None) -> str:
    """Returns a percentile; beyond the last bound of the histogram only that it lies there is known."""
    beyond = seconds is not None and seconds >= LAST_BOUND_SECONDS
    return f"over {figures.duration(LAST_BOUND_SECONDS)}" if beyond else figures.duration(seconds)


def none_yet(row: Row, value: float | None) -> float | None:
    """Returns a count, 0 where it is absent and the calls it would be counted among are known."""
    return 0.0 if value is None and row.figure("calls").value is not None else value


def tile(seen: Seen) -> Tile:
    """Returns how many calls were slow."""
    rows = seen.rows("statements")
    if not rows:
        return Tile("Slow calls", figures.UNKNOWN, "no database call was measured", "statements", "dim")
    counted = [value for row in rows if (value := row.figure("calls").value) is not None]
    slow = sum(row.figure("slow").value or 0.0 for row in rows)
    more = f"of {figures.count(sum(counted) if counted else None)} in 15 min"
    tone: Tone = "warn" if slow else "good"
    age = seen.age_of("statements")
    return Tile("Slow calls", figures.count(slow), more, "statements", tone, age, seen.curve("slow"))
