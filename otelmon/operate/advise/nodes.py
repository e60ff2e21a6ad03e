"""Tells whether the nodes that were given are all there are, and whether they have counted for long enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate.advise.limits import DAY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from otelmon.operate.advise.facts import Node
    from otelmon.operate.advise.limits import Limits


def doubts_about(nodes: Sequence[Node], limits: Limits) -> tuple[str, ...]:
    """Returns why "nobody uses it" cannot be told from these nodes; nothing where it can."""
    doubts = []
    if all(node.in_recovery for node in nodes):
        doubts.append("the primary was not given, and it counts what it uses by itself")
    missing = missing_standbys(nodes)
    if missing:
        doubts.append(f"{plural(missing, 'standby', 'standbys')} not given with --replica; each counts its own use")
    for node in nodes:
        doubts.extend(own_doubts(node, limits))
    return tuple(doubts)


def missing_standbys(nodes: Sequence[Node]) -> int:
    """Returns how many standbys the nodes know of that were not given.

    A node is known again by system, start and label, so that one given twice, or the primary given as a replica,
    counts for no other.
    """
    system = nodes[0].system
    different = {node.started_at: node for node in nodes if node.system == system}.values()
    given = sum(node.in_recovery for node in different)
    return max(sum(node.standbys for node in different) - given, 0)


def own_doubts(node: Node, limits: Limits) -> list[str]:
    """Returns why the counts of one node prove nothing."""
    if not node.counts:
        return [f"{node.label} does not count: track_counts is off"]
    if node.statistics_age_seconds < limits.min_age_seconds:
        since = "reset" if node.was_reset else "start of the server"
        age = f"{duration(node.statistics_age_seconds)} old (since the {since})"
        return [f"statistics of {node.label} are {age}, younger than {duration(limits.min_age_seconds)}"]
    return []


def youngest(nodes: Sequence[Node]) -> float:
    """Returns for how many seconds all nodes have counted."""
    return min(node.statistics_age_seconds for node in nodes)


def duration(seconds: float) -> str:
    """Returns a time span as people say it."""
    for unit, name in ((DAY, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds:.0f} s"


def plural(count: int, one: str, many: str) -> str:
    """Returns a count with its noun."""
    return f"{count:,} {one if count == 1 else many}"
