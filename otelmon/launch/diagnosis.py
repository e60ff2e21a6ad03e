"""Wires diagnostics to the calls of this process and to the watch."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from otelmon.diagnostics.diagnostics import Diagnostics
from otelmon.hooks.calling_line import line_of_thread
from otelmon.rules.slow_operation import is_slow
from otelmon.watch.running import report_running

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.calls.database_call import DatabaseCall
    from otelmon.calls.in_flight import InFlight
    from otelmon.registry import HookRegistry

# Most calls that become slow have been asked about at half of their threshold before.
WATCH_INTERVAL = 0.25
# A call that has been told of and has no query id yet is asked about in every so many rounds.
ROUNDS_BETWEEN = 8


class Diagnosis:
    """Looks at running calls once a round, with the diagnostics connection's help."""

    def __init__(
        self, in_flight: InFlight, diagnostics: Diagnostics, threshold_ms: int, emit: Callable[..., None]
    ) -> None:
        self.diagnostics = diagnostics
        self._in_flight = in_flight
        self._threshold_ms = threshold_ms
        self._emit = emit
        self._rounds = 0

    def report_running(self) -> None:
        """Tells of calls that have become slow, each with what is known of it within 300 ms, and asks for plans."""
        self._rounds += 1
        now_ns = time.perf_counter_ns()
        told = list(self._in_flight.slow(now_ns, self._threshold_ms, line_of_thread))
        keys = {each.key for each in told}
        watched = [
            each for each in self._in_flight.calls() if id(each) in keys or self._is_to_be_identified(each, now_ns)
        ]
        more = self.diagnostics.running.look(watched, wait=bool(told))
        report_running(told, self._emit, more)
        self.diagnostics.plans.ask()
        self.diagnostics.say_pooled()

    def _is_to_be_identified(self, call: DatabaseCall, now_ns: int) -> bool:
        if hasattr(call, "query_id") or (call.is_told and self._rounds % ROUNDS_BETWEEN):
            return False
        return is_slow(now_ns - call.began_ns, self._threshold_ms // 2)


def diagnosis_of(registry: HookRegistry, in_flight: InFlight, emit: Callable[..., None]) -> Diagnosis | None:
    """Returns what looks at running calls, None where diagnostics are off."""
    if registry.sessions is None:
        return None
    diagnostics = Diagnostics(registry.sessions, in_flight.calls, line_of_thread, emit)
    return Diagnosis(in_flight, diagnostics, registry.settings.slow_query_threshold_ms, emit)
