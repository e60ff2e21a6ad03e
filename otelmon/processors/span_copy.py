"""What every stand-in for a finished span shares: it counts what the SDK's limits had dropped from the original."""

from __future__ import annotations

from opentelemetry.sdk.trace import ReadableSpan


class SpanCopy(ReadableSpan):
    """Stands for a finished span; a copy made by the SDK's constructor would count nothing as dropped."""

    _span: ReadableSpan

    @property
    def dropped_attributes(self) -> int:
        """Returns how many attributes the SDK's limits had dropped."""
        return self._span.dropped_attributes

    @property
    def dropped_events(self) -> int:
        """Returns how many events the SDK's limits had dropped."""
        return self._span.dropped_events

    @property
    def dropped_links(self) -> int:
        """Returns how many links the SDK's limits had dropped."""
        return self._span.dropped_links
