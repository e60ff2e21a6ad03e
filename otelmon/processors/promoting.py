"""Sends the ancestors of a slow or failed call on, though their trace was not sampled.

Nothing is held back: an ancestor ends after its child, so its id is known by then. What began before otelmon, ended
before its child, or lives in another process is not there, and is not made up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.trace import SpanContext, TraceFlags

from otelmon import guard
from otelmon.processors.span_copy import SpanCopy

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.registry.promoted import PromotedSpans

PROMOTED = "otelmon.promoted"
_PROMOTE = guard.site("processors.promote")


class PromotedSpan(SpanCopy):
    """Stands for a finished span that was recorded and not sampled, as a sampled one that says so."""

    def __init__(self, span: ReadableSpan, context: SpanContext) -> None:
        super().__init__(
            name=span.name,
            context=_sampled(context),
            parent=span.parent,
            resource=span.resource,
            attributes={**(span.attributes or {}), PROMOTED: True},
            events=span.events,
            links=span.links,
            kind=span.kind,
            status=span.status,
            start_time=span.start_time,
            end_time=span.end_time,
            instrumentation_scope=span.instrumentation_scope,
        )
        self._span = span


def _sampled(context: SpanContext) -> SpanContext:
    flags = TraceFlags(context.trace_flags | TraceFlags.SAMPLED)
    return SpanContext(context.trace_id, context.span_id, context.is_remote, flags, context.trace_state)


class PromotingSpanProcessor(SpanProcessor):
    """Looks at the ends of unsampled spans.

    Args:
        send: takes a finished span to all processors of the provider, this one included.
    """

    def __init__(self, send: Callable[[ReadableSpan], None]) -> None:
        self._send = send
        # None while otelmon is switched off: processors cannot be taken out of a provider again.
        self.promoted: PromotedSpans | None = None

    def on_end(self, span: ReadableSpan) -> None:
        """Sends a span on that is known to have a promoted child, and promotes its parent."""
        promoted = self.promoted
        if promoted:
            context = span.context
            if context is not None and context.span_id in promoted and not context.trace_flags.sampled:
                guard.call(_PROMOTE, self._promote, span, context, promoted)

    def _promote(self, span: ReadableSpan, context: SpanContext, promoted: PromotedSpans) -> None:
        if span.parent is not None and not span.parent.is_remote:
            promoted.add(span.parent.span_id)
        self._send(PromotedSpan(span, context))
