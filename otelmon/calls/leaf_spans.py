"""Makes the spans of calls that are over.

A call is a leaf: nothing is ever its child, so its span can be made when everything about it is known. Where only the
SDK's exporting processors are listening, it is handed over finished, at a fraction of the cost of a start and an end;
where anybody else is, or the sampler has to be asked, it is started and ended like any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry.sdk.trace import Tracer as SdkTracer
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from otelmon.calls.leaf_span import LeafSpan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import Tracer

    from otelmon.calls.current_context import Surroundings
    from otelmon.calls.database_call import DatabaseCall
    from otelmon.records import SpanIdentity

UNSET = Status(StatusCode.UNSET)


class LeafSpans:
    """Makes leaf spans with one tracer.

    Args:
        tracer: of any provider.
        scope: under which finished spans are handed over; that of the tracer.
        takers: returns what takes finished spans now, nothing where the provider's processors may not be handed any.
    """

    def __init__(
        self, tracer: Tracer, scope: InstrumentationScope, takers: Callable[[], Sequence[SpanProcessor]]
    ) -> None:
        self._tracer = tracer
        self._sdk_tracer = tracer if isinstance(tracer, SdkTracer) else None
        self._scope = scope
        self._takers = takers

    def make(
        self, call: DatabaseCall, more: Mapping[str, str | int | float | bool], status: Status, here: Surroundings
    ) -> SpanIdentity:
        """Makes the span of a call, as the sampler decides, and returns its identity.

        Args:
            call: the call, over.
            more: attributes beside those prepared with its connection and its statement.
            status: of the span.
            here: what the span is made in; it is a child of the span there.
        """
        tracer = self._sdk_tracer
        takers = self._takers() if here.is_sampled and tracer is not None else ()
        if takers and tracer is not None:
            span = self._span(tracer, call, more, tracer.id_generator.generate_span_id(), here.within)
            if status is not UNSET:
                span.status = status
            for each in takers:
                each.on_end(span)
            return span
        attributes = {**call.connection.span_attributes, **call.statement.attributes, **more}
        started = self._tracer.start_span(
            call.name, call.context, SpanKind.CLIENT, attributes, start_time=call.started_at_ns
        )
        if status is not UNSET:
            started.set_status(status)
        started.end(call.started_at_ns + call.elapsed_ns)
        return started.get_span_context()

    def promote(
        self,
        call: DatabaseCall,
        more: Mapping[str, str | int | float | bool],
        status: Status,
        parent: SpanContext,
        own: SpanIdentity | None,
    ) -> SpanIdentity | None:
        """Makes the span of a slow or failed call that nobody sampled, and returns its identity.

        Args:
            call: the call.
            more: as of ``make``.
            status: as of ``make``.
            parent: what was current; the span is its child.
            own: the identity that an unsampled span of the call has already, where the sampler has been asked.
        """
        tracer = self._sdk_tracer
        if tracer is None or not (own.span_id if own is not None else parent.is_valid):
            return None
        span = self._span(
            tracer, call, more, tracer.id_generator.generate_span_id() if own is None else own.span_id, parent
        )
        if own is not None:
            span.trace_id = own.trace_id
        span.trace_flags = TraceFlags((parent if own is None else own).trace_flags | TraceFlags.SAMPLED)
        if not parent.is_valid:
            span.parent = None
        span.status = status
        tracer.span_processor.on_end(span)
        return span

    def _span(
        self,
        tracer: SdkTracer,
        call: DatabaseCall,
        more: Mapping[str, str | int | float | bool],
        span_id: int,
        parent: SpanContext,
    ) -> LeafSpan:
        span = LeafSpan()
        span.name = call.name
        span.trace_id = parent.trace_id
        span.span_id = span_id
        span.trace_flags = parent.trace_flags
        span.parent = parent
        span.resource = tracer.resource
        span.instrumentation_scope = self._scope
        span.prepared_attributes = (call.connection.span_attributes, call.statement.attributes)
        span.more_attributes = more
        span.start_time = call.started_at_ns
        span.end_time = call.started_at_ns + call.elapsed_ns
        return span
