"""The whole page as a value: verdict, tiles and blocks of one snapshot at one moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate.overview.read import ALERTMANAGER, METRICS
from otelmon.operate.page import figures
from otelmon.operate.page.blocks import alerts, caches, github, pipeline, pools, sessions, statements
from otelmon.operate.page.blocks.seen import NAMES, Seen
from otelmon.operate.page.parts import Board

if TYPE_CHECKING:
    from otelmon.operate.page.parts import Tone
    from otelmon.operate.page.snapshot import Snapshot

TOPICS = (alerts, statements, sessions, pools, github, caches, pipeline)


def board(snapshot: Snapshot, now: float) -> Board:
    """Returns the page.

    Args:
        snapshot: what was read.
        now: unix seconds, to which ages count.
    """
    seen = Seen(snapshot, now)
    said, tone = verdict(seen)
    return Board(
        said,
        tone,
        tuple(topic.tile(seen) for topic in TOPICS),
        tuple(topic.block(seen) for topic in TOPICS),
        snapshot.overview.read_at,
        figures.age(now - snapshot.overview.read_at),
    )


def verdict(seen: Seen) -> tuple[str, Tone]:
    """Returns one sentence on how things are; a source that is away is never good news."""
    away = [NAMES[name] for name in (METRICS, ALERTMANAGER) if seen.snapshot.away(name)]
    open_ones = alerts.active(seen)
    if open_ones:
        number = len(open_ones)
        said = f"{number} alert{'s are' if number > 1 else ' is'} open"
        return f"{said}; {', '.join(away)} away" if away else said, alerts.tone_of(open_ones)
    if away:
        return f"Not known: {' and '.join(away)} away", "warn"
    return "No alert is open", "good"
