"""A dashboard as a value: rows of panels, each with its questions in PromQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["figure", "curve", "bars", "list"]
# As Grafana names them; `short` is a plain number.
Unit = Literal["short", "s", "bytes", "percentunit", "reqps", "ops"]
Tier = Literal["health", "problems", "performance", "queries"]
WHOLE_WIDTH = 24


@dataclass(frozen=True, slots=True)
class Query:
    """Holds one question and how its series are called.

    ``promql`` has words in capitals where a viewer's choice goes: in braces APP (service and environment), DB
    (database) and ENV (environment); in brackets RANGE (the whole time shown), STEP (between two points) and RATE
    (some points).
    """

    promql: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """Describes one panel.

    Args:
        key: names it in tests, once in a dashboard.
        title: what it shows.
        says: what it means, and what to look at next.
        queries: one curve family each.
        unit: of every value.
        kind: one figure, curves, bars for counts of events, or a list of the largest.
        warning, critical: thresholds of the alert rules by name; empty for none.
        keep: the reason of keeping that a search for traces asks for; empty for none.
    """

    key: str
    title: str
    says: str
    queries: tuple[Query, ...]
    unit: Unit = "short"
    kind: Kind = "curve"
    warning: str = ""
    critical: str = ""
    keep: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Holds panels below one heading."""

    title: str
    panels: tuple[Panel, ...]

    def widths(self) -> list[int]:
        """Returns the width of each panel, so that lines are full: figures in sixes, others in threes or twos."""
        others = sum(panel.kind != "figure" for panel in self.panels)
        twos = 0 if others % 3 == 0 else 2 if others % 3 == 2 else min(4, others)  # noqa: PLR2004 - three a line
        wide = [WHOLE_WIDTH // 3] * (others - twos) + [WHOLE_WIDTH // 2] * twos
        return [WHOLE_WIDTH // 6 if panel.kind == "figure" else wide.pop(0) for panel in self.panels]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Describes one tier."""

    tier: Tier
    title: str
    says: str
    rows: tuple[Row, ...]

    @property
    def uid(self) -> str:
        """Returns by what links find it."""
        return f"otelmon-{self.tier}"

    @property
    def panels(self) -> tuple[Panel, ...]:
        """Returns every panel."""
        return tuple(panel for row in self.rows for panel in row.panels)


def figure(key: str, title: str, says: str, promql: str, **more: str) -> Panel:
    """Returns a panel of one figure."""
    return _panel(key, title, says, (Query(promql),), "figure", more)


def curve(key: str, title: str, says: str, *queries: Query, **more: str) -> Panel:
    """Returns a panel of curves."""
    return _panel(key, title, says, queries, "curve", more)


def bars(key: str, title: str, says: str, *queries: Query, **more: str) -> Panel:
    """Returns a panel of counts of events, each from one point to the next."""
    return _panel(key, title, says, queries, "bars", more)


def largest(key: str, title: str, says: str, promql: str, **more: str) -> Panel:
    """Returns a panel that lists the largest values by their labels."""
    return _panel(key, title, says, (Query(promql),), "list", more)


def _panel(  # noqa: PLR0913, PLR0917 - the fields of a panel
    key: str, title: str, says: str, queries: tuple[Query, ...], kind: Kind, more: dict[str, str]
) -> Panel:
    unit: Unit = next((each for each in UNITS if each == more.get("unit")), "short")
    named = (more.get(name, "") for name in ("warning", "critical", "keep"))
    return Panel(key, title, says, queries, unit, kind, *named)


UNITS: tuple[Unit, ...] = ("short", "s", "bytes", "percentunit", "reqps", "ops")
