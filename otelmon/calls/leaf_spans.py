"""Makes the spans of calls that are over.

A call is a leaf: nothing is ever its child, so its span can be made when everything about it is known. Where only the
SDK's exporting processors are listening, it is handed over finished, at a fraction of the cost of a start and an end;
where anybody else is, or the sampler has to be asked, it is started and ended like any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace import Tracer as SdkTracer
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import Span, Tracer

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

    def make(self, call: DatabaseCall, outcome: Outcome, parent: Span) -> SpanContext:
        """Makes the span of a call and returns its identity."""
        failure = outcome.failure
        status = _UNSET if failure is None else Status(StatusCode.ERROR, failure.description)
        context = parent.get_span_context()
        if (
            self._sdk_tracer is not None
            and context.is_valid
            and not context.is_remote
            and context.trace_flags.sampled
            and self._takes_finished()
        ):
            return self._hand_over(self._sdk_tracer, call, outcome, context, status)
        return self._start_and_end(call, outcome, status)

    def _hand_over(
        self, tracer: SdkTracer, call: DatabaseCall, outcome: Outcome, parent: SpanContext, status: Status
    ) -> SpanContext:
        context = SpanContext(
            parent.trace_id,
            tracer.id_generator.generate_span_id(),
            is_remote=False,
            trace_flags=parent.trace_flags,
            trace_state=parent.trace_state,
        )
        span = LeafSpan(
            name=call.name,
            context=context,
            parent=parent,
            resource=tracer.resource,
            attributes=outcome.span_attributes(),
            kind=SpanKind.CLIENT,
            status=status,
            start_time=call.started_at_ns,
            end_time=call.started_at_ns + call.elapsed_ns,
            instrumentation_scope=self._scope,
        )
        tracer.span_processor.on_end(span)
        return context

    def _start_and_end(self, call: DatabaseCall, outcome: Outcome, status: Status) -> SpanContext:
        span = self._tracer.start_span(
            call.name, call.context, SpanKind.CLIENT, outcome.span_attributes(), start_time=call.started_at_ns
        )
        if status is not _UNSET:
            span.set_status(status)
        span.end(call.started_at_ns + call.elapsed_ns)
        return span.get_span_context()
