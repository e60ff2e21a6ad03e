"""What became of the compared rule in a drill: whether it was ever pending or firing, and how near it came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from demo.drill.comparison import LATER, LIMIT, METRIC, SHIPPED
from demo.readback.http import get_json
from otelmon.operate.drill.sighting import FIRING, PENDING

if TYPE_CHECKING:
    from otelmon.operate.drill.sighting import Sighting

SECONDS_OF_A_DRILL = 3600


@dataclass(frozen=True, slots=True)
class Compared:
    """Holds one version of the rule: the largest value of its figure, and whether it was pending or fired."""

    alert: str
    figure: str
    largest: float | None
    pending: bool
    fired: bool


def compared(victoriametrics: str, sightings: list[Sighting]) -> list[Compared]:
    """Returns both versions."""
    figures = {
        SHIPPED: f"avg by (datname) (rate({METRIC}[2m]))",
        LATER: f"max by (datname) ({METRIC})",
    }
    return [
        Compared(
            alert,
            figure,
            largest(victoriametrics, figure),
            any(each.rule[0] == alert and each.kind in (PENDING, FIRING) for each in sightings),
            any(each.rule[0] == alert and each.kind == FIRING for each in sightings),
        )
        for alert, figure in figures.items()
    ]


def largest(victoriametrics: str, figure: str) -> float | None:
    """Returns the largest value that a figure had during the drill, or None where it never had one."""
    query = f"max(max_over_time(({figure})[{SECONDS_OF_A_DRILL}s:10s]))"
    found = get_json(f"{victoriametrics}/api/v1/query", {"query": query})["data"]["result"]
    return float(found[0]["value"][1]) if found else None


def sentences(results: list[Compared]) -> list[str]:
    """Returns a line of a table for each version."""
    lines = ["| rule | its figure | largest value | limit | pending | fired |", "|---|---|---|---|---|---|"]
    for each in results:
        value = "none" if each.largest is None else f"{each.largest:.1f}"
        lines.append(
            f"| {each.alert} | `{each.figure}` | {value} | {LIMIT} | {'yes' if each.pending else 'no'} | "
            f"{'yes' if each.fired else 'no'} |"
        )
    return lines
