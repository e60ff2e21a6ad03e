"""Makes the spans of calls that are over.

A call is a leaf: nothing is ever its child, so its span can be made when everything about it is known. Where only the
SDK's exporting processors are listening, it is handed over finished, at a fraction of the cost of a start and an end;
where anybody else is, or the sampler has to be asked, it is started and ended like any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace import Tracer as SdkTracer
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import Tracer

    from otelmon.calls.database_call import DatabaseCall
    from otelmon.calls.outcome import Outcome

_UNSET = Status(StatusCode.UNSET)


class LeafSpan(ReadableSpan):
    """A finished span without literals and secrets, marked already: nobody needs to make a copy of it."""

    is_redacted = True


class LeafSpans:
    """Makes leaf spans with one tracer.

    Args:
        tracer: of any provider.
        scope: under which finished spans are handed over; that of the tracer.
        takes_finished: tells whether the provider's processors may be handed finished spans now.
    """

    def __init__(self, tracer: Tracer, scope: InstrumentationScope, takes_finished: Callable[[], bool]) -> None:
        self._tracer = tracer
        self._sdk_tracer = tracer if isinstance(tracer, SdkTracer) else None
        self._scope = scope
        self._takes_finished = takes_finished

    def make(self, call: DatabaseCall, outcome: Outcome, parent: SpanContext) -> SpanContext:
        """Makes the span of a call, as the sampler decides, and returns its identity."""
        tracer = self._sdk_tracer
        if tracer is not None and is_local(parent) and parent.trace_flags.sampled and self._takes_finished():
            context = _child(tracer, parent)
            tracer.span_processor.on_end(self._span(tracer, call, outcome, context, parent))
            return context
        status = _status(outcome)
        span = self._tracer.start_span(
            call.name, call.context, SpanKind.CLIENT, outcome.span_attributes(), start_time=call.started_at_ns
        )
        if status is not _UNSET:
            span.set_status(status)
        span.end(call.started_at_ns + call.elapsed_ns)
        return span.get_span_context()

    def promote(
        self, call: DatabaseCall, outcome: Outcome, parent: SpanContext, own: SpanContext | None
    ) -> SpanContext | None:
        """Makes the span of a slow or failed call that nobody sampled, and returns its identity.

        Args:
            call: the call.
            outcome: how it ended.
            parent: what was current; the span is its child.
            own: the identity that an unsampled span of the call has already, where the sampler has been asked.
        """
        tracer = self._sdk_tracer
        if tracer is None or not (own or parent).is_valid:
            return None
        context = _sampled(own or _child(tracer, parent))
        outcome.is_promoted = True
        tracer.span_processor.on_end(self._span(tracer, call, outcome, context, parent if parent.is_valid else None))
        return context

    def _span(
        self,
        tracer: SdkTracer,
        call: DatabaseCall,
        outcome: Outcome,
        context: SpanContext,
        parent: SpanContext | None,
    ) -> LeafSpan:
        return LeafSpan(
            name=call.name,
            context=context,
            parent=parent,
            resource=tracer.resource,
            attributes=outcome.span_attributes(),
            kind=SpanKind.CLIENT,
            status=_status(outcome),
            start_time=call.started_at_ns,
            end_time=call.started_at_ns + call.elapsed_ns,
            instrumentation_scope=self._scope,
        )


def is_local(context: SpanContext) -> bool:
    """Tells whether an identity is that of a span of this process."""
    return context.is_valid and not context.is_remote


def _status(outcome: Outcome) -> Status:
    failure = outcome.failure
    return _UNSET if failure is None else Status(StatusCode.ERROR, failure.description)


def _child(tracer: SdkTracer, parent: SpanContext) -> SpanContext:
    span_id = tracer.id_generator.generate_span_id()
    return SpanContext(parent.trace_id, span_id, False, parent.trace_flags, parent.trace_state)


def _sampled(context: SpanContext) -> SpanContext:
    flags = TraceFlags(context.trace_flags | TraceFlags.SAMPLED)
    return SpanContext(context.trace_id, context.span_id, False, flags, context.trace_state)
