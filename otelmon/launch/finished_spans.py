"""Finds out whether a provider may be handed finished spans; the SDK has no public way to ask.

Contract test: tests/contract/test_finished_spans.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry.sdk.trace import Tracer as SdkTracer
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor

from otelmon.processors.marking import MarkingSpanProcessor
from otelmon.processors.promoting import PromotingSpanProcessor
from otelmon.processors.request_spans import RequestSpanProcessor

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.trace import Tracer

# They look at a span when it ends and never before.
_EXPORTING = (MarkingSpanProcessor, BatchSpanProcessor, SimpleSpanProcessor)
# These have nothing to do with a leaf that is sampled: it is promoted already, and no request.
_IDLE = (PromotingSpanProcessor, RequestSpanProcessor)
# More attributes than any call has.
_ATTRIBUTES_OF_A_CALL = 32


class FinishedSpans:
    """Watches the processors of one tracer's provider, which may get more of them at any time."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._seen: object = None
        self._takers: tuple[SpanProcessor, ...] = ()

    def takers(self) -> tuple[SpanProcessor, ...]:
        """Returns the processors that take finished spans; none where others listen too, or a limit applies."""
        tracer = self._tracer
        if not isinstance(tracer, SdkTracer) or not tracer._is_enabled():  # noqa: SLF001 - see the module's docstring
            return ()
        processors = tracer.span_processor._span_processors  # noqa: SLF001 - both kinds of it have the field
        if processors is not self._seen:
            # The SDK makes a new tuple for each processor added.
            are_late = all(type(each) in (*_EXPORTING, *_IDLE) for each in processors)
            exporting = [each for each in processors if type(each) in _EXPORTING]
            self._takers = tuple(exporting) if are_late and _has_no_limits(tracer) else ()
            self._seen = processors
        return self._takers


def _has_no_limits(tracer: SdkTracer) -> bool:
    limits = tracer._span_limits  # noqa: SLF001 - see the module's docstring
    most, longest = limits.max_span_attributes, limits.max_span_attribute_length
    return (most is None or most >= _ATTRIBUTES_OF_A_CALL) and longest is None
