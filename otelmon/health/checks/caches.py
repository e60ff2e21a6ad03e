"""What caches have done; a cache that helps less is an alert, not a matter of health."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.health.check import Check, judged, unseen

if TYPE_CHECKING:
    from otelmon.registry import HookRegistry

MOST_CACHES = 50


def look(registry: HookRegistry) -> Check:
    """Returns hits, misses and size of every cache, None where they are not known."""
    states = sorted(registry.caches().items())[:MOST_CACHES]
    if not states:
        return unseen("no cache was seen yet")
    caches = {
        name: {"hits": state.hits, "misses": state.misses, "evictions": state.evictions, "size": state.size}
        for name, state in states
    }
    return judged((), {"caches": caches})
