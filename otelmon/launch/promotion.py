"""Records what the head sampler drops, so that the ancestors of a slow or failed call can still be sent."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.trace import Tracer as SdkTracer
from opentelemetry.sdk.trace import TracerProvider as SdkTracerProvider
from opentelemetry.sdk.trace.sampling import AlwaysRecordSampler, Decision, SamplingResult

from otelmon.processors.promoting import PromotingSpanProcessor

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.registry.promoted import PromotedSpans

# Where attributes stand among the positional arguments of ``should_sample``.
_ATTRIBUTES = 4
_processors: weakref.WeakKeyDictionary[SdkTracerProvider, PromotingSpanProcessor] = weakref.WeakKeyDictionary()


class RecordingSampler(AlwaysRecordSampler):
    """Records what another sampler drops, with the attributes that the span was started with.

    The SDK's samplers leave attributes out of a decision to drop, and a recorded span has those of the decision alone.
    """

    def should_sample(self, *args: Any, **options: Any) -> SamplingResult:  # noqa: ANN401 - the sampler's own signature
        """Returns the other sampler's decision, made one to record where it was one to drop."""
        result: SamplingResult = super().should_sample(*args, **options)
        given = options.get("attributes", args[_ATTRIBUTES] if len(args) > _ATTRIBUTES else None)
        if result.decision is Decision.RECORD_ONLY and given and not result.attributes:
            return SamplingResult(Decision.RECORD_ONLY, given, result.trace_state)
        return result


def promote_ancestors(provider: object, promoted: PromotedSpans) -> Callable[[], None]:
    """Lets a provider record spans that are not sampled, and send those that turn out to have a notable child.

    Tracers made before keep their sampler, and so do not record what it drops.

    Args:
        provider: any tracer provider; one that is not the SDK's is left alone.
        promoted: where calls put the spans that they happened below.

    Returns:
        What gives the provider its own sampler back and promotes no more.
    """
    if not isinstance(provider, SdkTracerProvider):
        return lambda: None
    before = provider.sampler
    recording = provider.sampler = RecordingSampler(before)
    processor = _processors.get(provider) or _add(provider)
    if processor is not None:
        processor.promoted = promoted

    def undo() -> None:
        if provider.sampler is recording:
            provider.sampler = before
        if processor is not None and processor.promoted is promoted:
            processor.promoted = None

    return undo


def _add(provider: SdkTracerProvider) -> PromotingSpanProcessor | None:
    """Adds the processor, once per provider; None where the SDK is disabled."""
    tracer = provider.get_tracer("otelmon")
    if not isinstance(tracer, SdkTracer):
        return None
    processor = _processors[provider] = PromotingSpanProcessor(tracer.span_processor.on_end)
    provider.add_span_processor(processor)
    return processor
