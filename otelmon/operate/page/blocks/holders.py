"""Who holds connections, as each application's ``/status`` tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate.overview.documents import items, mapping, number
from otelmon.operate.page import figures
from otelmon.operate.page.parts import Cell, Head, Table, figure_cell, text_cell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from otelmon.operate.page.blocks.seen import Seen

MOST_HOLDERS = 12
NOWHERE = "line not known"


def holders(seen: Seen) -> Table:
    """Returns the connections that are out, the one held longest first."""
    heads = (
        Head("Held by"),
        Head("Pool"),
        Head("Worker", number=True),
        Head("For", number=True),
        Head("Age", number=True),
    )
    told = [page.document for page in seen.snapshot.overview.pages if page.kind == "application" and not page.reason]
    workers = [worker for document in told for worker in items(document.get("workers"))]
    found = [holder(seen, worker, *each) for worker in workers for each in held(worker)]
    ordered = sorted(found, key=lambda each: -each[0])[:MOST_HOLDERS]
    empty = "No connection is out." if told else "Not told by any application: see OTELMON_HEALTH_ADDRESS."
    return Table("Holders of connections", heads, tuple(cells for _, cells in ordered), empty)


def held(worker: Mapping[str, object]) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yields the pool's name and the holder of each connection that a worker tells of."""
    pools = mapping(mapping(mapping(worker.get("checks")).get("pools")).get("pools"))
    return ((name, each) for name, pool in pools.items() for each in items(mapping(pool).get("holders")))


def holder(
    seen: Seen, worker: Mapping[str, object], pool: str, told: Mapping[str, object]
) -> tuple[float, tuple[Cell, ...]]:
    """Returns for how many seconds a connection is out, and its row."""
    seconds, age = number(told.get("seconds")), number(worker.get("age_seconds"))
    return seconds or 0.0, (
        text_cell(told.get("line") or NOWHERE),
        text_cell(pool),
        text_cell(worker.get("pid") or "", most=12),
        figure_cell(figures.duration(seconds)),
        Cell(figures.age(None if age is None else age + seen.since_reading), "dim"),
    )
