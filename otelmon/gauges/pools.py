"""Shows connection pools: their state, and what happened at their doors."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from otelmon.gauges.points import known
from otelmon.signals import POOL_NAME, POOL_STATE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from otelmon.gauges.points import Point
    from otelmon.registry import HookRegistry

_NS_PER_S = 1_000_000_000


def pool_sources(registry: HookRegistry) -> dict[str, Callable[[], Iterable[Point]]]:
    """Returns what the instruments of pools read."""
    return {
        "db.client.connection.count": lambda: _by_state(registry),
        "db.client.connection.max": lambda: _figure(registry, "max"),
        "db.client.connection.idle.min": lambda: _figure(registry, "min"),
        "db.client.connection.pending_requests": lambda: _figure(registry, "pending"),
        "db.client.connection.timeouts": lambda: _counts(registry.connections.timeouts()),
        "otelmon.db.client.connection.checkouts": lambda: _counts(registry.connections.checkouts()),
        "otelmon.db.client.connection.leaked": lambda: (
            (count, {POOL_NAME: name, "kind": kind}) for (name, kind), count in registry.connections.leaked().items()
        ),
        "otelmon.db.client.connection.held_longest": lambda: (
            (max(0, held) / _NS_PER_S, {POOL_NAME: name})
            for name, held in registry.connections.held_longest_ns(time.monotonic_ns()).items()
        ),
    }


def _by_state(registry: HookRegistry) -> Iterator[Point]:
    return known(
        (count, {POOL_NAME: name, POOL_STATE: label})
        for name, state in registry.pools().items()
        for label, count in (("idle", state.idle), ("used", state.used))
    )


def _figure(registry: HookRegistry, field: str) -> Iterator[Point]:
    return known((getattr(state, field), {POOL_NAME: name}) for name, state in registry.pools().items())


def _counts(counts: dict[str, int]) -> Iterator[Point]:
    for name, count in counts.items():
        yield count, {POOL_NAME: name}
