"""What the watch does for connection pools: leaks, exhaustion, and times."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from opentelemetry.context import Context

from otelmon import guard, signals
from otelmon.signals import POOL_NAME
from otelmon.watch.exhaustion import ExhaustionReports
from otelmon.watch.leaks import report_busy, report_late_returns, report_leaks

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.metrics import Histogram, Meter
    from opentelemetry.trace import Tracer

    from otelmon.registry import HookRegistry
    from otelmon.watch.checkout_facts import Emit

HISTOGRAMS = ("db.client.connection.use_time", "db.client.connection.create_time", "db.client.connection.wait_time")
# As of db.client.operation.duration, and one more at the default of OTELMON_LEAK_AFTER.
BOUNDS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 60.0)
# The thread's own context says nothing about who had the connection.
_NO_CONTEXT = Context()


class PoolReports:
    """Turns what hooks have noted about pools into events, spans and histograms.

    Args:
        registry: where hooks note it.
        tracer: makes the spans of leaks.
        meter: makes the histograms.
        emit: takes an event's name, attributes, trace id and span id.
    """

    def __init__(self, registry: HookRegistry, tracer: Tracer, meter: Meter, emit: Emit) -> None:
        self._connections = registry.connections
        self._promoted = registry.promoted
        self._tracer = tracer
        self._emit = emit
        self._exhaustion = ExhaustionReports(emit)
        self._histograms = {name: _histogram(meter, signals.BY_NAME[name]) for name in HISTOGRAMS}

    def tasks(self) -> list[tuple[str, Callable[[], None]]]:
        """Returns what the watch does in every round, by name."""
        return [("leaks", self._leaks), ("exhaustion", self._exhausted), ("pool_times", self._times)]

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

    def _times(self) -> None:
        labels: dict[str, dict[str, str]] = {}
        for instrument, times in self._connections.durations().items():
            histogram = self._histograms[instrument]
            for name, duration_ns in times:
                histogram.record(duration_ns / 1e9, labels.setdefault(name, {POOL_NAME: name}), _NO_CONTEXT)


def _histogram(meter: Meter, metric: signals.Metric) -> Histogram:
    return meter.create_histogram(metric.name, metric.unit, metric.meaning, explicit_bucket_boundaries_advisory=BOUNDS)
