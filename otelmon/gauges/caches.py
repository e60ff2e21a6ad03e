"""Shows caches: look-ups by result and cause, evictions, size, and what hits have saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.gauges.points import known
from otelmon.signals import CACHE_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from otelmon.gauges.points import Point
    from otelmon.records import CacheState
    from otelmon.registry import HookRegistry

_NS_PER_S = 1e9
_CAUSES = ("absent", "expired", "evicted")


def cache_sources(registry: HookRegistry) -> dict[str, Callable[[], Iterable[Point]]]:
    """Returns what the instruments of caches read."""
    return {
        "otelmon.cache.requests": lambda: _by_result(registry),
        "otelmon.cache.evictions": lambda: _figure(registry, "evictions"),
        "otelmon.cache.size": lambda: _figure(registry, "size"),
        "otelmon.cache.saved_time": lambda: (
            (saved / _NS_PER_S, attributes) for saved, attributes in _figure(registry, "saved_ns")
        ),
        "otelmon.cache.saved_points": lambda: _figure(registry, "saved_points"),
    }


def _by_result(registry: HookRegistry) -> Iterator[Point]:
    return known(
        (count, {CACHE_NAME: name, **labels})
        for name, state in registry.caches().items()
        for count, labels in _results(state)
    )


def _results(state: CacheState) -> Iterator[tuple[int | None, Mapping[str, str]]]:
    yield state.hits, {"result": "hit"}
    yield state.stale_hits, {"result": "stale_hit"}
    explained = [(getattr(state, cause), cause) for cause in _CAUSES]
    # What has happened never is shown as zero only where nothing else is known of the misses.
    yield from ((count or None, {"result": "miss", "cause": cause}) for count, cause in explained)
    if state.misses is not None:
        rest = max(0, state.misses - sum(count or 0 for count, _ in explained))
        yield (rest if rest or rest == state.misses else None), {"result": "miss"}


def _figure(registry: HookRegistry, field: str) -> Iterator[Point]:
    return known((getattr(state, field), {CACHE_NAME: name}) for name, state in registry.caches().items())
