"""Connection pools: how full each is, who waits, what leaked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate.overview.read import METRICS
from otelmon.operate.page import figures
from otelmon.operate.page.blocks.holders import holders
from otelmon.operate.page.parts import Block, Cell, Head, Table, Tile, figure_cell, text_cell

if TYPE_CHECKING:
    from otelmon.operate.overview.values import Row
    from otelmon.operate.page.blocks.seen import Seen
    from otelmon.operate.page.parts import Tone

FULL, CROWDED = 1.0, 0.8
DIRECT = "#direct"


def block(seen: Seen) -> Block:
    """Returns the block of pools."""
    heads = (
        Head("Pool"), Head("In use", number=True), Head("Last hour"), Head("Waiting", number=True),
        Head("Held longest", number=True), Head("Refused", number=True), Head("Leaked", number=True),
        Head("Age", number=True),
    )  # fmt: skip
    rows = tuple(pool(seen, each) for each in seen.rows("pools"))
    table = Table(
        "Connection pools; refused and leaked in the last 15 minutes",
        heads,
        rows,
        seen.empty("pools", "No pool is observed."),
    )
    return Block("pools", "Connection pools", (table, holders(seen)), seen.age_of("pools"), seen.away(METRICS, "pools"))


def pool(seen: Seen, row: Row) -> tuple[Cell, ...]:
    """Returns one pool."""
    used, most = row.figure("used").value, row.figure("max").value
    waiting, leaked = row.figure("waiting").value, row.figure("leaked").value
    refused = row.figure("timeouts").value
    counted = used is not None
    return (
        text_cell(row.labels.get("db_client_connection_pool_name", ""), row.labels.get("service_name", "")),
        figure_cell(
            in_use(used, most), filled(share_used(row)), more=f"{figures.count(row.figure('idle').value)} idle"
        ),
        Cell("", curve=seen.curve("pools", row.labels)),
        figure_cell(figures.count(waiting) if waiting is not None else "never", "bad" if waiting else ""),
        figure_cell(figures.duration(row.figure("held longest").value)),
        figure_cell(figures.count(refused if refused is not None or not counted else 0.0), "bad" if refused else ""),
        figure_cell(figures.count(leaked if leaked is not None or not counted else 0.0), "bad" if leaked else ""),
        seen.age_cell(row),
    )


def in_use(used: float | None, most: float | None) -> str:
    """Returns connections in use, of how many where there is a limit."""
    return figures.count(used) if used is None or most is None else f"{figures.count(used)} of {figures.count(most)}"


def share_used(row: Row) -> float | None:
    """Returns which share of a pool is in use; None where it has no limit or is not known."""
    used, most = row.figure("used").value, row.figure("max").value
    return used / most if used is not None and most else None


def filled(share: float | None) -> Tone:
    """Returns the tone of a pool that is used to a share."""
    if share is None or share < CROWDED:
        return ""
    return "bad" if share >= FULL else "warn"


def tile(seen: Seen) -> Tile:
    """Returns the fullest pool."""
    known = [(share, row) for row in seen.rows("pools") if (share := share_used(row)) is not None]
    if not known:
        return Tile("Fullest pool", figures.UNKNOWN, "no pool with a limit is observed", "pools", "dim")
    share, row = max(known, key=lambda each: each[0])
    leaked = sum(each.figure("leaked").value or 0.0 for each in seen.rows("pools"))
    more = f"{in_use(row.figure('used').value, row.figure('max').value)}, {figures.count(leaked)} leaked in 15 min"
    tone: Tone = "bad" if leaked else filled(share) or "good"
    return Tile(
        "Fullest pool", figures.share(share), more, "pools", tone, seen.age_of("pools"), seen.curve("pools", row.labels)
    )
