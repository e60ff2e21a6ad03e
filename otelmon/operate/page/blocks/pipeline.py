"""The monitoring itself: who reports, what was lost on the way, and whether each source answers this page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate.overview.read import METRICS
from otelmon.operate.page import figures
from otelmon.operate.page.blocks.seen import LATE_SECONDS, NAMES, place
from otelmon.operate.page.parts import Block, Cell, Head, Table, Tile, figure_cell, text_cell

if TYPE_CHECKING:
    from otelmon.operate.overview.values import Row, Source
    from otelmon.operate.page.blocks.seen import Seen
    from otelmon.operate.page.parts import Tone

QUEUE_FILLING = 0.5
KINDS = {**NAMES, "observer": "Observer", "application": "Application", "unknown": "Status page"}


def block(seen: Seen) -> Block:
    """Returns the block of the pipeline."""
    tables = (processes(seen), spans(seen), queues(seen), views(seen), sources(seen))
    away, age = seen.away(METRICS, "delivery"), seen.age_of("processes")
    return Block("pipeline", "Monitoring itself", tables, age, away, wide=True, paired=True)


def processes(seen: Seen) -> Table:
    """Returns the last sign of life of every observed process."""
    heads = (Head("Process"), Head("Instance"), Head("State"), Head("Last sign of life", number=True))
    rows = tuple(process(seen, each) for each in seen.rows("processes"))
    return Table("Processes that report", heads, rows, seen.empty("processes", "No process reports."))


def process(seen: Seen, row: Row) -> tuple[Cell, ...]:
    """Returns one process."""
    beat = row.figure("heartbeat age")
    silent = None if beat.value is None else max(beat.value, beat.age or 0.0) + seen.since_reading
    late = silent is None or silent > LATE_SECONDS
    return (
        text_cell(row.labels.get("service_name", "")),
        text_cell(row.labels.get("service_instance_id", ""), most=36),
        Cell("silent" if late else "reports", "warn" if late else "good", tag=True),
        figure_cell(f"{figures.age(silent)} ago" if silent is not None else figures.UNKNOWN),
    )


def spans(seen: Seen) -> Table:
    """Returns the books of each exporter: sent, arrived, lost."""
    heads = (
        Head("Spans of"), Head("Exporter"), Head("Started", number=True), Head("Delivered", number=True),
        Head("Lost", number=True), Head("In 15 min", number=True), Head("Why"), Head("Age", number=True),
    )  # fmt: skip
    rows = tuple(exporter(seen, each) for each in seen.rows("delivery"))
    return Table("Spans since the processes began", heads, rows, seen.empty("delivery", "No exporter reports."))


def exporter(seen: Seen, row: Row) -> tuple[Cell, ...]:
    """Returns one exporter."""
    same = [each for each in seen.rows("losses") if all(each.labels.get(k) == v for k, v in row.labels.items())]
    lost = {figures.shown(each.labels.get("reason", ""), 40): each.figure("lost").value or 0.0 for each in same}
    total, lately = sum(lost.values()), sum(each.figure("lost recently").value or 0.0 for each in same)
    reasons = ", ".join(f"{reason}: {figures.count(number)}" for reason, number in sorted(lost.items()) if number)
    known = not seen.unknown("losses")
    return (
        text_cell(row.labels.get("service_name", "")),
        text_cell(row.labels.get("exporter", "")),
        figure_cell(figures.count(row.figure("started").value)),
        figure_cell(figures.count(row.figure("delivered").value)),
        figure_cell(figures.count(total if known else None), "warn" if total else ""),
        figure_cell(figures.count(lately if known else None), "bad" if lately else ""),
        Cell(reasons),
        seen.age_cell(row),
    )


def queues(seen: Seen) -> Table:
    """Returns the Collector's queues and what its exporters could not send."""
    failed = {
        row.labels.get("exporter", ""): sum(each.value or 0.0 for each in row.figures.values())
        for row in seen.rows("failures")
    }
    heads = (
        Head("Exporter of the Collector"), Head("Data"), Head("Queue", number=True), Head("Failed", number=True),
        Head("Age", number=True),
    )  # fmt: skip
    rows = tuple(queue(seen, each, failed.get(each.labels.get("exporter", ""), 0.0)) for each in seen.rows("collector"))
    return Table("Queues of the Collector", heads, rows, seen.empty("collector", "No Collector reports."))


def queue(seen: Seen, row: Row, failed: float) -> tuple[Cell, ...]:
    """Returns one queue."""
    size, capacity = row.figure("queue").value, row.figure("queue capacity").value
    full = size / capacity if size is not None and capacity else None
    tone: Tone = "warn" if full is not None and full >= QUEUE_FILLING else ""
    return (
        text_cell(row.labels.get("exporter", "")),
        text_cell(row.labels.get("data_type", "")),
        figure_cell(f"{figures.share(full)} full" if full is not None else figures.count(size), tone),
        figure_cell(figures.count(failed), "bad" if failed else ""),
        seen.age_cell(row),
    )


def views(seen: Seen) -> Table:
    """Returns the views that an observer cannot read, with the reason."""
    heads = (Head("View"), Head("Server"), Head("Why it is not read"), Head("Age", number=True))
    rows = tuple(
        (
            text_cell(row.labels.get("otelmon_view", "")),
            text_cell(place(row.labels)),
            Cell(figures.shown(row.labels.get("otelmon_reason", "") or figures.UNKNOWN), "warn"),
            seen.age_cell(row),
        )
        for row in newest(seen)
        if row.figure("up").value == 0.0
    )
    empty = "Every view is read." if seen.rows("views") else seen.empty("views", "No observer reports.")
    return Table("What observers cannot see", heads, rows, empty)


def newest(seen: Seen) -> list[Row]:
    """Returns the newest row of each view: one that had another reason a moment ago is still in the store."""
    found: dict[tuple[str, str], Row] = {}
    for row in seen.rows("views"):
        key = place(row.labels), row.labels.get("otelmon_view", "")
        if key not in found or (seen.age(row) or 0.0) < (seen.age(found[key]) or 0.0):
            found[key] = row
    return list(found.values())


def sources(seen: Seen) -> Table:
    """Returns how each source has answered this page."""
    heads = (Head("Source"), Head("Address"), Head("State"), Head("Answered in", number=True))
    rows = tuple(source(each) for each in seen.snapshot.overview.sources)
    return Table("Sources of this page", heads, rows, "No source was asked yet.")


def source(each: Source) -> tuple[Cell, ...]:
    """Returns one source."""
    state = (
        Cell("answers", "good", tag=True) if each.up else Cell("away", "bad", more=figures.shown(each.reason), tag=True)
    )
    return (
        Cell(KINDS.get(each.name, figures.shown(each.name))),
        text_cell(each.url),
        state,
        figure_cell(figures.duration(each.seconds)),
    )


def tile(seen: Seen) -> Tile:
    """Returns how many spans were lost."""
    delivery = seen.rows("delivery")
    if not delivery:
        return Tile("Spans lost", figures.UNKNOWN, "no exporter reports", "pipeline", "warn")
    lost = (
        None if seen.unknown("losses") else sum(row.figure("lost recently").value or 0.0 for row in seen.rows("losses"))
    )
    begun = [value for row in delivery if (value := row.figure("started").value) is not None]
    more = f"in 15 min; {figures.count(sum(begun) if begun else None)} begun in all"
    tone: Tone = "bad" if lost else "good"
    age = seen.age_of("delivery")
    return Tile("Spans lost", figures.count(lost), more, "pipeline", tone, age, seen.curve("lost"))
