"""What the watch does for connection pools: leaks and exhaustion."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from otelmon import guard
from otelmon.watch.exhaustion import ExhaustionReports
from otelmon.watch.leaks import report_busy, report_late_returns, report_leaks

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.trace import Tracer

    from otelmon.registry import HookRegistry
    from otelmon.watch.checkout_facts import Emit


class PoolReports:
    """Turns what hooks have noted about pools into events and spans.

    Args:
        registry: where hooks note it.
        tracer: makes the spans of leaks.
        emit: takes an event's name, attributes, trace id and span id.
    """

    def __init__(self, registry: HookRegistry, tracer: Tracer, emit: Emit) -> None:
        self._connections = registry.connections
        self._promoted = registry.promoted
        self._tracer = tracer
        self._emit = emit
        self._exhaustion = ExhaustionReports(emit)

    def tasks(self) -> list[tuple[str, Callable[[], None]]]:
        """Returns what the watch does in every round, by name."""
        return [("leaks", self._leaks), ("exhaustion", self._exhausted)]

    def finish(self) -> None:
        """Reports what is left before the end of the process."""
        for name, task in self.tasks():
            guard.call(guard.site(f"watch.{name}"), task)

    def _leaks(self) -> None:
        leaks = self._connections.leaks(time.monotonic_ns())
        report_leaks(leaks, self._tracer, self._emit, self._promoted)
        report_busy(self._connections.busy(), self._emit)
        report_late_returns(self._connections.returned_late(), self._emit)

    def _exhausted(self) -> None:
        self._exhaustion.report(self._connections.exhausted(), time.monotonic_ns())
