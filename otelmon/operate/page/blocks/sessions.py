"""What the database server does: sessions by state, who waits for whom, how long transactions are open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate.overview.read import METRICS
from otelmon.operate.page import figures
from otelmon.operate.page.blocks.seen import place
from otelmon.operate.page.parts import Block, Cell, Head, Table, Tile, figure_cell, text_cell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from otelmon.operate.overview.values import Row
    from otelmon.operate.page.blocks.seen import Seen
    from otelmon.operate.page.parts import Tone

FULL, CROWDED = 0.9, 0.75
LONG_TRANSACTION_SECONDS = 60.0


def block(seen: Seen) -> Block:
    """Returns the block of the database servers."""
    tables = (servers(seen), states(seen))
    return Block("sessions", "Sessions and blocking", tables, seen.age_of("server"), seen.away(METRICS, "server"))


def servers(seen: Seen) -> Table:
    """Returns one row a server."""
    heads = (
        Head("Server"), Head("State"), Head("Blocked", number=True), Head("Used", number=True),
        Head("Oldest transaction", number=True), Head("Age", number=True),
    )  # fmt: skip
    rows = tuple(server(seen, each) for each in seen.rows("server"))
    return Table("Database servers", heads, rows, seen.empty("server", "No otelmon observe reports."))


def server(seen: Seen, row: Row) -> tuple[Cell, ...]:
    """Returns one server."""
    up, blocked = row.figure("up").value, row.figure("blocked").value
    used, idle = row.figure("utilization").value, row.figure("idle in transaction longest").value
    waits, most = (
        figures.duration(row.figure("blocked longest").value),
        figures.count(row.figure("connections max").value),
    )
    return (
        text_cell(place(row.labels)),
        Cell(*WORDS.get(up, ("unknown", "dim")), tag=True),
        figure_cell(figures.count(blocked), "bad" if blocked else "", more=f"longest {waits}" if blocked else ""),
        figure_cell(figures.share(used), crowded(used), more=f"of {most} connections"),
        figure_cell(
            figures.duration(row.figure("transaction longest").value),
            "warn" if (idle or 0.0) > LONG_TRANSACTION_SECONDS else "",
            more=f"idle for {figures.duration(idle)}" if idle else "",
        ),
        seen.age_cell(row),
    )


WORDS: Mapping[float | None, tuple[str, Tone]] = {1.0: ("observed", "good"), 0.0: ("out of reach", "bad")}


def crowded(used: float | None) -> Tone:
    """Returns the tone of a share that is used."""
    if used is None or used < CROWDED:
        return ""
    return "bad" if used >= FULL else "warn"


def states(seen: Seen) -> Table:
    """Returns how many sessions are in which state; states without a session are left out."""
    heads = (Head("State"), Head("Server"), Head("Sessions", number=True), Head("Age", number=True))
    rows = tuple(
        (
            text_cell(row.labels.get("postgresql_state", "")),
            text_cell(place(row.labels)),
            figure_cell(figures.count(row.figure("sessions").value)),
            seen.age_cell(row),
        )
        for row in seen.rows("session states")
        if row.figure("sessions").value
    )
    return Table("Sessions by state", heads, rows, seen.empty("session states", "No session is known."))


def tile(seen: Seen) -> Tile:
    """Returns how many sessions wait for a lock of others."""
    known = [value for row in seen.rows("server") if (value := row.figure("blocked").value) is not None]
    if not known:
        return Tile("Blocked sessions", figures.UNKNOWN, "no observer reports", "sessions", "warn")
    sessions = [value for row in seen.rows("session states") if (value := row.figure("sessions").value) is not None]
    tone: Tone = "bad" if sum(known) else "good"
    more = f"of {figures.count(sum(sessions) if sessions else None)}"
    curve = seen.curve("blocked")
    return Tile("Blocked sessions", figures.count(sum(known)), more, "sessions", tone, seen.age_of("server"), curve)
