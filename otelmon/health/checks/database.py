"""Whether database calls succeed and end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.health.check import Check, judged, unseen
from otelmon.health.recent import Recent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from otelmon.registry.operations import Operations

# From so many failed calls within a minute on, half of the calls failing is more than bad luck.
LEAST_FAILURES = 3
MOST_FAILING = 0.5
# A call that takes as long as this many slow ones hangs; seconds at the least.
SLOW_CALLS = 20
SECONDS_AT_LEAST = 10.0
_NS = 1e9


class Database:
    """Looks at database calls.

    Args:
        operations: counts those that have ended.
        running: returns for each that runs since when it does, on ``perf_counter_ns``.
        slow_ms: when a call is slow.
    """

    def __init__(self, operations: Operations, running: Callable[[], Sequence[int]], slow_ms: int) -> None:
        self._operations = operations
        self._running = running
        self._hanging_after = max(SECONDS_AT_LEAST, SLOW_CALLS * slow_ms / 1000)
        self._recent: Recent[str] = Recent()

    def look(self, now: float, now_ns: int) -> Check:
        """Returns how calls of the last minute ended, and how long the oldest has been running.

        Args:
            now: monotonic seconds.
            now_ns: the clock of ``running``.
        """
        calls = failed = 0
        for each in self._operations.durations.aggregates():
            count = sum(each.counts)
            calls += count
            failed += count if "error.type" in each.attributes else 0
        running = self._running()
        if not calls and not running:
            return unseen("no database call was seen yet")
        grown = self._recent.growth({"calls": calls, "failed": failed}, now)
        lately, failed_lately = grown.get("calls", 0), grown.get("failed", 0)
        oldest = max(0.0, (now_ns - min(running)) / _NS) if running else None
        reasons = []
        if failed_lately >= LEAST_FAILURES and failed_lately >= MOST_FAILING * lately:
            reasons.append(f"{failed_lately} of {lately} database calls failed within a minute")
        if oldest is not None and oldest >= self._hanging_after:
            reasons.append(f"a database call has been running for {oldest:.0f} s")
        figures = {
            "calls": calls,
            "failed": failed,
            "slow": sum(self._operations.slow().values()),
            "calls_last_minute": lately,
            "failed_last_minute": failed_lately,
            "running": len(running),
            "oldest_running_seconds": None if oldest is None else round(oldest, 3),
        }
        return judged(reasons, figures)
