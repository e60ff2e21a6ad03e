"""A finished span with marks added and secrets taken out, made when an exporter first looks at it.

Spans are frozen before processors see their end (https://github.com/open-telemetry/opentelemetry-python/issues/5614),
so a copy is the only way to add to them; redaction waits until the exporter's thread reads, off the caller's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from otelmon.processors.redaction import redacted_span
from otelmon.processors.span_copy import SpanCopy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import Event, ReadableSpan
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import Link, SpanContext, SpanKind, Status
    from opentelemetry.util.types import Attributes

    from otelmon.ledger import Account
    from otelmon.processors.marks import Mark


class MarkedSpan(SpanCopy):
    """Stands for a finished span: identity, times and dropped counts are its own, content is redacted and marked.

    A span that is let go without ``settle`` having been called was dropped by its processor, and is booked so.
    """

    def __init__(self, span: ReadableSpan, marks: Mapping[str, Mark], sql_text: str, account: Account | None) -> None:
        self._span = span
        self._marks = marks
        self._sql_text = sql_text
        self._account = account
        self._copy: ReadableSpan | None = None

    def settle(self) -> None:
        """Says that an exporter has taken the span and books it from here on."""
        self._account = None

    def __del__(self) -> None:
        account = self._account
        if account is not None:
            account.dropped()

    def _redacted(self) -> ReadableSpan:
        copy = self._copy
        if copy is None:
            copy = self._copy = (
                self._span if self._is_ready() else redacted_span(self._span, self._marks, self._sql_text)
            )
        return copy

    def _is_ready(self) -> bool:
        """Tells whether the span was made without secrets and with its marks, as those of otelmon's own calls are."""
        attributes = self._span.attributes or {}
        return getattr(self._span, "is_redacted", False) and self._marks.items() <= attributes.items()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the copy holds under that name
        """Answers for fields read past the public properties: from the redacted copy, never the original."""
        if name in ("_span", "_marks", "_sql_text", "_account", "_copy"):
            raise AttributeError(name)
        return getattr(self._redacted(), name)

    @property
    def marks(self) -> Mapping[str, Mark]:
        """Returns the attributes added to the span."""
        return self._marks

    @property
    def name(self) -> str:
        """Returns the redacted name."""
        return self._redacted().name

    @property
    def attributes(self) -> Attributes:
        """Returns the redacted attributes and the marks."""
        return self._redacted().attributes

    @property
    def events(self) -> Sequence[Event]:
        """Returns the redacted events."""
        return self._redacted().events

    @property
    def links(self) -> Sequence[Link]:
        """Returns the redacted links."""
        return self._redacted().links

    @property
    def status(self) -> Status:
        """Returns the status with a redacted description."""
        return self._redacted().status

    @property
    def context(self) -> SpanContext | None:
        """Returns the identity of the span."""
        context: SpanContext | None = self._span.context
        return context

    def get_span_context(self) -> SpanContext | None:
        """Returns the identity of the span."""
        context: SpanContext | None = self._span.context
        return context

    @property
    def kind(self) -> SpanKind:
        """Returns the kind of the span."""
        return self._span.kind

    @property
    def parent(self) -> SpanContext | None:
        """Returns the identity of the parent."""
        return self._span.parent

    @property
    def start_time(self) -> int | None:
        """Returns the start, in unix nanoseconds."""
        return self._span.start_time

    @property
    def end_time(self) -> int | None:
        """Returns the end, in unix nanoseconds."""
        return self._span.end_time

    @property
    def resource(self) -> Resource:
        """Returns the resource, which is the one object that all spans of a provider share."""
        return self._span.resource

    @property
    def instrumentation_scope(self) -> InstrumentationScope | None:
        """Returns the scope of the instrumentor."""
        return self._span.instrumentation_scope

    def to_json(self, indent: int | None = 4) -> str:
        """Returns the redacted span as JSON, for console exporters."""
        text: str = self._redacted().to_json(indent)
        return text
