"""What the watch does for caches: those that answer less than they used to."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from otelmon.rules.cache_degradation import LEAST_REQUESTS, CacheStanding, CacheWindow, next_standing
from otelmon.signals import CACHE_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.registry import HookRegistry
    from otelmon.rules.cache_degradation import CacheFinding
    from otelmon.watch.checkout_facts import Emit

# Two windows below the base are seen within a minute.
WINDOW_SECONDS = 20.0
# A window that has too little traffic grows until here, and is then no window.
LONGEST_WINDOW_SECONDS = 120.0
_COUNTED = ("hits", "stale_hits", "misses", "absent", "expired", "evicted")


class _Followed:
    """Holds where the current window of one cache began, and what was found until then."""

    __slots__ = ("began", "standing", "start")

    def __init__(self, began: float, start: dict[str, int | None]) -> None:
        self.began = began
        self.start = start
        self.standing = CacheStanding()


class CacheReports:
    """Turns what is known of caches into events.

    Args:
        registry: where caches report.
        emit: takes an event's name, attributes, trace id and span id.
        clock: monotonic, in seconds.
    """

    def __init__(self, registry: HookRegistry, emit: Emit, clock: Callable[[], float] = time.monotonic) -> None:
        self._registry = registry
        self._emit = emit
        self._clock = clock
        self._looked_at = clock()
        self._followed: dict[str, _Followed] = {}

    def tasks(self) -> list[tuple[str, Callable[[], None]]]:
        """Returns what the watch does in every round, by name."""
        return [("readers", self._registry.readers.check), ("caches", self._look)]

    def _look(self) -> None:
        now = self._clock()
        if now - self._looked_at < WINDOW_SECONDS:
            return
        self._looked_at = now
        states = self._registry.caches()
        for name in self._followed.keys() - states.keys():
            del self._followed[name]
        for name, state in states.items():
            self._judge(name, {field: getattr(state, field) for field in _COUNTED}, now)

    def _judge(self, name: str, counts: dict[str, int | None], now: float) -> None:
        followed = self._followed.get(name)
        if followed is None or counts["hits"] is None or counts["misses"] is None:
            # New, cleared, or not telling: a cold start, from which a new base is made.
            self._followed[name] = _Followed(now, counts)
            return
        window = _window(followed.start, counts)
        if window is None or now - followed.began > LONGEST_WINDOW_SECONDS:
            followed.began, followed.start = now, counts
        elif window.requests >= LEAST_REQUESTS:
            followed.began, followed.start = now, counts
            followed.standing, finding = next_standing(followed.standing, window)
            if finding is not None:
                self._tell(name, finding)

    def _tell(self, name: str, finding: CacheFinding) -> None:
        said: dict[str, str | float | None] = {
            CACHE_NAME: name,
            "otelmon.cache.hit_ratio": round(finding.ratio, 4),
            "otelmon.cache.base_ratio": None if finding.base_ratio is None else round(finding.base_ratio, 4),
            "otelmon.cache.window_requests": finding.requests,
            "otelmon.cache.miss_cause": finding.cause,
            "otelmon.cache.advice": finding.advice,
        }
        known = {key: value for key, value in said.items() if value is not None}
        self._emit(f"otelmon.cache.{finding.kind}", known, trace_id=0, span_id=0)


def _window(start: dict[str, int | None], end: dict[str, int | None]) -> CacheWindow | None:
    """Returns what happened between two readings; None where hits or misses were not known at the first."""
    if start["hits"] is None or start["misses"] is None:
        return None
    grown = {field: max(0, (end[field] or 0) - (start[field] or 0)) for field in _COUNTED}
    stale = grown.pop("stale_hits")
    return CacheWindow(grown["hits"] + stale, grown["misses"], grown["absent"], grown["expired"], grown["evicted"])
