"""Caches: how often each answers, and what it lets go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate.overview.read import METRICS
from otelmon.operate.page import figures
from otelmon.operate.page.parts import Block, Cell, Head, Table, Tile, figure_cell, text_cell

if TYPE_CHECKING:
    from otelmon.operate.overview.values import Row
    from otelmon.operate.page.blocks.seen import Seen
    from otelmon.operate.page.parts import Tone

# Below half of its look-ups a cache with this many of them costs more than it gives.
LOW, ENOUGH = 0.5, 100.0


def block(seen: Seen) -> Block:
    """Returns the block of caches."""
    heads = (
        Head("Cache"), Head("Hits", number=True), Head("Last hour"), Head("Look-ups", number=True),
        Head("Let go", number=True), Head("Entries", number=True), Head("Age", number=True),
    )  # fmt: skip
    rows = tuple(cache(seen, each) for each in seen.rows("caches"))
    table = Table("Caches in the last 15 minutes", heads, rows, seen.empty("caches", "No cache is observed."))
    return Block("caches", "Caches", (table,), seen.age_of("caches"), seen.away(METRICS, "caches"))


def cache(seen: Seen, row: Row) -> tuple[Cell, ...]:
    """Returns one cache."""
    ratio, asked = row.figure("hit ratio").value, row.figure("look-ups").value
    evicted = row.figure("evictions").value
    return (
        text_cell(row.labels.get("cache_name", ""), row.labels.get("service_name", "")),
        figure_cell("not asked" if not asked else figures.share(ratio), "warn" if poor(row) else ""),
        Cell("", curve=seen.curve("caches", row.labels)),
        figure_cell(figures.count(asked)),
        figure_cell("not told" if evicted is None else figures.count(evicted)),
        figure_cell(figures.count(row.figure("size").value)),
        seen.age_cell(row),
    )


def poor(row: Row) -> bool:
    """Tells whether a cache that is used answers less than half of its look-ups."""
    ratio, asked = row.figure("hit ratio").value, row.figure("look-ups").value
    return ratio is not None and asked is not None and asked >= ENOUGH and ratio < LOW


def tile(seen: Seen) -> Tile:
    """Returns the hits of all caches."""
    asked = [(row, calls) for row in seen.rows("caches") if (calls := row.figure("look-ups").value)]
    if not asked:
        return Tile("Cache hits", figures.UNKNOWN, "no cache was asked", "caches", "dim")
    hits = sum((row.figure("hit ratio").value or 0.0) * calls for row, calls in asked)
    total = sum(calls for _, calls in asked)
    worst = min((row for row, _ in asked), key=lambda row: row.figure("hit ratio").value or 0.0)
    lowest = figures.share(worst.figure("hit ratio").value)
    more = f"lowest: {figures.shown(worst.labels.get('cache_name', ''), 30)}, {lowest}"
    tone: Tone = "warn" if any(poor(row) for row, _ in asked) else "good"
    return Tile("Cache hits", figures.share(hits / total), more, "caches", tone, seen.age_of("caches"))
