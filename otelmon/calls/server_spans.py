"""Starts spans of requests as the SDK's tracer starts spans, which it has no way to be told the class of.

Contract test: tests/contract/test_flask_spans.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry import trace
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, TraceFlags

from otelmon.calls.server_span import ServerSpan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import Tracer as SdkTracer
    from opentelemetry.sdk.trace.sampling import SamplingResult
    from opentelemetry.trace import Span

    from otelmon.calls.prepared_attributes import PreparedAttributes
    from otelmon.calls.server_span import Takers

    Attributes = dict[str, Any]


class ServerSpans:
    """Starts the spans of one instrumentation.

    Args:
        tracer: that of the instrumentation.
        takers: returns what takes finished spans now.
    """

    def __init__(self, tracer: SdkTracer, takers: Takers) -> None:
        self._tracer = tracer
        self.takers = takers

    def start(  # noqa: PLR0913, PLR0917 - the fields of a span
        self,
        name: str,
        shown_name: str,
        given: Attributes,
        prepared: PreparedAttributes,
        varying: Mapping[str, object],
        context: Context,
        start_time: int | None,
    ) -> Span:
        """Starts a span, as the sampler decides.

        Args:
            name: of the span.
            shown_name: the same without secrets.
            given: its attributes; it keeps them.
            prepared: those of them that many requests share, without secrets.
            varying: the others.
            context: what the request brought.
            start_time: unix nanoseconds.
        """
        tracer = self._tracer
        above: SpanContext | None = trace.get_current_span(context).get_span_context()
        if above is not None and not above.is_valid:
            above = None
        ids = tracer.id_generator
        trace_id = ids.generate_trace_id() if above is None else above.trace_id
        result = tracer.sampler.should_sample(context, trace_id, name, SpanKind.SERVER, given, ())
        identity = self._identity(trace_id, above, result)
        ended = tracer._tracer_metrics.start_span(above, result.decision)  # noqa: SLF001 - as its tracer starts it
        if result.decision is Decision.DROP:
            return NonRecordingSpan(identity)
        span = ServerSpan(tracer, identity, above, name, shown_name, given, prepared, varying, self.takers, ended)
        if result.attributes and result.attributes != given:
            span.set_attributes({**result.attributes, **given})
        span.start(start_time, context)
        return span

    def _identity(self, trace_id: int, above: SpanContext | None, result: SamplingResult) -> SpanContext:
        flags = TraceFlags.SAMPLED if result.decision is Decision.RECORD_AND_SAMPLE else TraceFlags.DEFAULT
        ids = self._tracer.id_generator
        if ids.is_trace_id_random() if above is None else above.trace_flags.random_trace_id:
            flags |= TraceFlags.RANDOM_TRACE_ID
        return SpanContext(trace_id, ids.generate_span_id(), False, TraceFlags(flags), result.trace_state)
