"""Lets a provider say which request its spans belong to."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from opentelemetry.sdk.trace import TracerProvider as SdkTracerProvider

from otelmon.processors.request_spans import RequestSpanProcessor

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.registry.requests import Requests

_processors: weakref.WeakKeyDictionary[SdkTracerProvider, RequestSpanProcessor] = weakref.WeakKeyDictionary()


def watch_requests(provider: object, requests: Requests) -> Callable[[], None]:
    """Adds the processor to a provider, once; returns what silences it.

    Args:
        provider: any tracer provider; one that is not the SDK's is left alone.
        requests: where requests begin.
    """
    if not isinstance(provider, SdkTracerProvider):
        return lambda: None
    processor = _processors.get(provider)
    if processor is None:
        processor = _processors[provider] = RequestSpanProcessor()
        provider.add_span_processor(processor)
    processor.requests = requests

    def undo() -> None:
        if processor.requests is requests:
            processor.requests = None

    return undo
