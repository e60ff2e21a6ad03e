"""Shows caches: look-ups by result, evictions and size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.gauges.points import known
from otelmon.signals import CACHE_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from otelmon.gauges.points import Point
    from otelmon.registry import HookRegistry


def cache_sources(registry: HookRegistry) -> dict[str, Callable[[], Iterable[Point]]]:
    """Returns what the instruments of caches read."""
    return {
        "otelmon.cache.requests": lambda: _by_result(registry),
        "otelmon.cache.evictions": lambda: _figure(registry, "evictions"),
        "otelmon.cache.size": lambda: _figure(registry, "size"),
    }


def _by_result(registry: HookRegistry) -> Iterator[Point]:
    return known(
        (count, {CACHE_NAME: name, "result": result})
        for name, state in registry.caches().items()
        for result, count in (("hit", state.hits), ("miss", state.misses))
    )


def _figure(registry: HookRegistry, field: str) -> Iterator[Point]:
    return known((getattr(state, field), {CACHE_NAME: name}) for name, state in registry.caches().items())
