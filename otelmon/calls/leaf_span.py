"""A finished span of one call: plain fields in the place of the SDK's properties, what few ask for made when asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Protocol

    from opentelemetry.sdk.trace import Event
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import Link
    from opentelemetry.util.types import Attributes

    from otelmon.calls.prepared_attributes import PreparedAttributes

    class Account(Protocol):
        """Books spans of one exporter."""

        def start(self) -> None:
            """Books one span handed to the exporting processor."""
            ...

        def dropped(self) -> None:
            """Books one span that the processor let go without an export."""
            ...


_UNSET = Status(StatusCode.UNSET)
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)


class LeafSpan(ReadableSpan):
    """A finished span without literals and secrets, marked already: nobody needs to make a copy of it.

    Whoever makes one fills in the fields. It shares ``prepared_attributes`` with other spans; ``more_attributes`` are
    its own, under other keys.
    """

    is_redacted = is_leaf = True
    trace_flags = _SAMPLED
    kind = SpanKind.CLIENT
    events: Sequence[Event] = ()
    links: Sequence[Link] = ()
    dropped_attributes = dropped_events = dropped_links = 0
    name = ""
    status = _UNSET
    trace_id = span_id = start_time = end_time = 0
    parent: SpanContext | None = None
    resource = Resource.get_empty()
    instrumentation_scope: InstrumentationScope | None = None
    prepared_attributes: tuple[PreparedAttributes, ...] = ()
    more_attributes: Mapping[str, str | int | float | bool]
    _account: Account | None = None
    _is_booked = False

    def __init__(self) -> None:
        # Not by the SDK's constructor, whose fields stand in a span's way here.
        self.more_attributes = {}

    def book(self, account: Account) -> bool:
        """Books the span as started with the first exporter that asks; another one has to make a copy."""
        if self._is_booked:
            return False
        self._is_booked = True
        self._account = account
        account.start()
        return True

    def settle(self) -> None:
        """Says that an exporter has taken the span and books it from here on."""
        self._account = None

    def __del__(self) -> None:
        account = self._account
        if account is not None:
            account.dropped()

    @property
    def attributes(self) -> Attributes:
        """Returns all attributes, of which none is a secret."""
        merged: dict[str, str | int | float | bool] = {}
        for each in self.prepared_attributes:
            merged |= each
        merged |= self.more_attributes
        return merged

    @property
    def trace_state(self) -> Any:  # noqa: ANN401 - as the API's own
        """Returns the state of the trace, which is its parent's."""
        return None if self.parent is None else self.parent.trace_state

    @property
    def context(self) -> SpanContext:
        """Returns the identity of the span."""
        return SpanContext(self.trace_id, self.span_id, False, self.trace_flags, self.trace_state)

    def get_span_context(self) -> SpanContext:
        """Returns the identity of the span."""
        return self.context

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the copy holds under that name
        """Answers for fields read past the public properties."""
        if not name.startswith("_") or name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._plain(), name)

    def to_json(self, indent: int | None = 4) -> str:
        """Returns the span as JSON, for console exporters."""
        text: str = self._plain().to_json(indent)
        return text

    def _plain(self) -> ReadableSpan:
        """Returns the span as the SDK would hold it."""
        return ReadableSpan(
            name=self.name,
            context=self.context,
            parent=self.parent,
            resource=self.resource,
            attributes=self.attributes,
            kind=self.kind,
            status=self.status,
            start_time=self.start_time,
            end_time=self.end_time,
            instrumentation_scope=self.instrumentation_scope,
        )
