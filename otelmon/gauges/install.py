"""Puts all gauges on a meter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.gauges.caches import cache_sources
from otelmon.gauges.diagnostics import diagnostics_sources
from otelmon.gauges.github import github_sources
from otelmon.gauges.instruments import observe
from otelmon.gauges.operations import operation_sources
from otelmon.gauges.otelmon_itself import own_sources
from otelmon.gauges.pools import pool_sources

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from opentelemetry.metrics import Meter

    from otelmon.ledger import Counts
    from otelmon.registry import HookRegistry


def install_gauges(
    meter: Meter,
    registry: HookRegistry,
    *,
    heartbeat: Callable[[], int],
    spans: Callable[[], Mapping[str, Counts]],
    ended: Callable[[], int] = int,
) -> Callable[[], None]:
    """Shows what the registry, the watch and the ledger know on the instruments of a meter.

    Args:
        meter: of any provider; given again, its instruments read the new registry instead of the old one.
        registry: pools, caches and GitHub answers.
        heartbeat: returns unix seconds of the watch thread's last round, 0 before the first.
        spans: returns the books of every exporter by its name.
        ended: returns unix seconds of the end of a process that ended by itself, 0 before.

    Returns:
        What silences the instruments.
    """
    return observe(
        meter,
        {
            **operation_sources(registry),
            **pool_sources(registry),
            **cache_sources(registry),
            **github_sources(registry),
            **diagnostics_sources(registry),
            **own_sources(registry, heartbeat, spans, ended),
        },
    )
