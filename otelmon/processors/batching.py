"""The SDK's batch processor with a shorter way for spans that are known to be sampled, marked and booked.

Contract test: tests/contract/test_sdk.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan


class ShortBatchSpanProcessor(BatchSpanProcessor):
    """Queues leaf spans at once: nobody has to ask whether they are sampled, or whether they have marks."""

    def __init__(self, exporter: SpanExporter) -> None:
        super().__init__(exporter)
        # None in a release that has no such field: then there is the usual way.
        queue = getattr(self, "_batch_processor", None)
        self._queue: Any = queue if hasattr(queue, "emit") else None

    def on_end(self, span: ReadableSpan) -> None:
        """Queues a finished span."""
        if self._queue is not None and getattr(span, "is_leaf", False):
            # Looked up each time, for others may stand in front of it.
            self._queue.emit(span)
        else:
            super().on_end(span)
