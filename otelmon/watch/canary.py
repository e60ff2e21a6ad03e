"""Sends a canary: a trace of two spans that everything on the way has to let through.

The first span is an ordinary one and goes where ordinary spans go, through the sampling of the Collector; the second is
marked as kept and goes by the branch without sampling. Whoever looks for both afterwards knows which way is open.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from opentelemetry.context import Context
from opentelemetry.trace import set_span_in_context

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.trace import Tracer

SAMPLED, KEPT = "otelmon.canary", "otelmon.canary.kept"
MARK = "otelmon.canary"


def send_canary(tracer: Tracer, promote: Callable[[int], None] = lambda _: None) -> int:
    """Makes one canary trace now and returns its trace id, 0 where the SDK is switched off.

    Args:
        tracer: its provider's exporters send the spans.
        promote: takes the id of a span that a head sampler has dropped and that is to be sent all the same.
    """
    sampled = tracer.start_span(SAMPLED, Context(), attributes={MARK: True})
    kept = tracer.start_span(
        KEPT, set_span_in_context(sampled, Context()), attributes={MARK: True, "otelmon.keep": "canary"}
    )
    context = kept.get_span_context()
    if context.is_valid and not context.trace_flags.sampled:
        promote(context.span_id)
    kept.end()
    sampled.end()
    return context.trace_id


class CanaryRounds:
    """Sends one canary at the first round of the watch, then one each interval.

    Args:
        interval_ms: milliseconds between two; 0 sends none.
        send: sends one.
        clock: monotonic seconds.
    """

    def __init__(
        self, interval_ms: int, send: Callable[[], object], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._interval = interval_ms / 1000
        self._send = send
        self._clock = clock
        self._due = 0.0

    def tasks(self) -> list[tuple[str, Callable[[], None]]]:
        """Returns what the watch does in every round, by name; nothing where no canary is wanted."""
        return [("canary", self._round)] if self._interval else []

    def _round(self) -> None:
        now = self._clock()
        if now >= self._due:
            self._due = now + self._interval
            self._send()
