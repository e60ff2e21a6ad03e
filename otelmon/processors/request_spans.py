"""Tells each span at its start which request it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.sdk.trace import SpanProcessor

from otelmon import guard

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import Span

    from otelmon.registry.requests import Requests

_BEGIN = guard.site("processors.request_spans")


class RequestSpanProcessor(SpanProcessor):
    """Looks at the starts of recorded spans."""

    def __init__(self) -> None:
        # None while otelmon is switched off: processors cannot be taken out of a provider again.
        self.requests: Requests | None = None

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Hands the parent's request down to a span, or begins one."""
        requests = self.requests
        if requests is not None:
            guard.call(_BEGIN, requests.begin, span, trace.get_current_span(parent_context))
