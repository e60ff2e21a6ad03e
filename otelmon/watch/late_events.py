"""Tells of failed calls once it is known whether they were reported, and of each minute's count of marked ones."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    from otelmon.records import SpanIdentity
    from otelmon.registry import HookRegistry
    from otelmon.watch.checkout_facts import Emit

    class EmitLate(Protocol):
        """Emits an event some time after it happened."""

        def __call__(
            self, name: str, attributes: Mapping[str, str | int | float | bool], span: SpanIdentity, at_ns: int
        ) -> None:
            """Emits it in the context of a span."""
            ...


ERROR, MARKED = "otelmon.db.error", "otelmon.db.marked_calls"
CAPTURED = "otelmon.sentry.captured"
FINGERPRINT = "otelmon.db.query.fingerprint"
SECONDS_OF_A_MINUTE = 60


class LateEvents:
    """Emits what the registry has held back.

    Args:
        registry: where calls put it.
        emit: takes an event's name, attributes, trace id and span id.
        emit_late: takes an event's name, attributes, span and time.
    """

    def __init__(self, registry: HookRegistry, emit: Emit, emit_late: EmitLate) -> None:
        self._registry = registry
        self._emit = emit
        self._emit_late = emit_late

    def tell(self) -> None:
        """Tells what is due now."""
        self._errors(everything=False)
        self._minutes(time.time_ns())

    def finish(self) -> None:
        """Tells everything, the minute that is not over included."""
        self._errors(everything=True)
        self._minutes(time.time_ns() + SECONDS_OF_A_MINUTE * 10**9)

    def _errors(self, *, everything: bool) -> None:
        for call, is_reported in self._registry.failed_calls.due(everything=everything):
            attributes = {**call.attributes, CAPTURED: True} if is_reported else call.attributes
            self._emit_late(ERROR, attributes, call.span, call.at_ns)

    def _minutes(self, now_ns: int) -> None:
        for each in self._registry.marked_calls.ended(now_ns):
            if each.calls > 1:
                facts: dict[str, str | int | float | bool] = {
                    **each.attributes,
                    FINGERPRINT: each.fingerprint,
                    "otelmon.marked.count": each.calls,
                    "otelmon.marked.minute": each.minute * SECONDS_OF_A_MINUTE,
                }
                self._emit(MARKED, facts, trace_id=0, span_id=0)
