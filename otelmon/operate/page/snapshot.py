"""What the page shows, read in the background: the newest answer of each source, also while the source is away."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from otelmon.operate.overview.read import ALERTMANAGER, JAEGER, METRICS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from otelmon.operate.overview.values import Figure, Overview, Section
    from otelmon.operate.page.curves import Curves


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Holds an overview whose parts may be of different moments; ``read_at`` tells of which, by source."""

    overview: Overview
    curves: Curves
    read_at: Mapping[str, float] = field(default_factory=dict)
    jaeger_page: str = ""

    def away(self, source: str) -> str:
        """Returns why a source has not answered the last time, or nothing."""
        found = self.overview.source(source)
        return "" if found is None else found.reason

    def behind(self, source: str, now: float) -> float | None:
        """Returns for how many seconds a source has told nothing new; None where it never told anything."""
        at = self.read_at.get(source)
        return None if at is None else max(now - at, 0.0)


def kept(before: Section | None, now: Section, older: float) -> Section:
    """Returns a section; where it is not known now, what was known before, older by some seconds, and why."""
    if before is None or not now.unknown:
        return now
    rows = tuple(
        replace(row, figures={name: aged(figure, older) for name, figure in row.figures.items()}) for row in before.rows
    )
    return replace(before, rows=rows, unknown=now.unknown)


def aged(figure: Figure, older: float) -> Figure:
    """Returns a figure that is older by some seconds."""
    return figure if figure.age is None else replace(figure, age=figure.age + older)


def merged(before: Snapshot | None, now: Snapshot) -> Snapshot:
    """Returns the new snapshot, in which a source that is away keeps what it said before."""
    overview, read_at = now.overview, dict(before.read_at if before else {})
    curves, jaeger_page = now.curves, now.jaeger_page
    for source in (METRICS, ALERTMANAGER, JAEGER):
        if not now.away(source):
            read_at[source] = overview.read_at
    if before is not None:
        older = overview.read_at - before.overview.read_at
        sections = {
            name: kept(before.overview.sections.get(name), each, older) for name, each in overview.sections.items()
        }
        overview, curves = replace(overview, sections=sections), curves or before.curves
    if before is not None and now.away(ALERTMANAGER):
        overview = replace(overview, alerts=before.overview.alerts)
    if before is not None and now.away(JAEGER):
        overview, jaeger_page = replace(overview, slow=before.overview.slow), before.jaeger_page
    return Snapshot(overview, curves, read_at, jaeger_page)
