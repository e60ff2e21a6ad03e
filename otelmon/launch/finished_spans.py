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
    from opentelemetry.trace import Tracer

# They look at a span when it ends and never before; of a leaf nobody asks to which request it belongs.
_LATE = (MarkingSpanProcessor, BatchSpanProcessor, SimpleSpanProcessor, PromotingSpanProcessor, RequestSpanProcessor)
# More attributes than any call has.
_ATTRIBUTES_OF_A_CALL = 32


class FinishedSpans:
    """Watches the processors of one tracer's provider, which may get more of them at any time."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._seen: object = None
        self._answer = False

    def are_taken(self) -> bool:
        """Tells whether only exporting processors are listening, and no limit would have to be applied."""
        tracer = self._tracer
        if not isinstance(tracer, SdkTracer) or not tracer._is_enabled():  # noqa: SLF001 - see the module's docstring
            return False
        processors = tracer.span_processor._span_processors  # noqa: SLF001 - both kinds of it have the field
        if processors is not self._seen:
            # The SDK makes a new tuple for each processor added.
            self._answer = _has_no_limits(tracer) and all(type(each) in _LATE for each in processors)
            self._seen = processors
        return self._answer


def _has_no_limits(tracer: SdkTracer) -> bool:
    limits = tracer._span_limits  # noqa: SLF001 - see the module's docstring
    most, longest = limits.max_span_attributes, limits.max_span_attribute_length
    return (most is None or most >= _ATTRIBUTES_OF_A_CALL) and longest is None
