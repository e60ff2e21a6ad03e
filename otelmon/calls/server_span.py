"""The span of a request that this process answers: the SDK's own class, with its expensive parts made when asked for.

As long as nobody adds more than a few plain attributes, it holds those that were prepared with its route, and ends as a
span that is redacted and marked already. Whatever else is added makes it a span like any other, ended by the SDK.
Contract test: tests/contract/test_flask_spans.py.
"""

from __future__ import annotations

import threading
import time
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from opentelemetry.attributes import BoundedAttributes
from opentelemetry.sdk.trace import ReadableSpan, _Span
from opentelemetry.sdk.util import BoundedList
from opentelemetry.trace import SpanKind, StatusCode

from otelmon import guard
from otelmon.calls.finished_server_span import FinishedServerSpan
from otelmon.calls.leaf_spans import UNSET
from otelmon.rules.attribute_redaction import redact_attributes
from otelmon.rules.keep_reason import keep_reason
from otelmon.rules.plain_attribute import is_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.sdk.trace import Tracer as SdkTracer
    from opentelemetry.trace import SpanContext, Status
    from opentelemetry.util.types import AnyValue, Attributes

    from otelmon.calls.prepared_attributes import PreparedAttributes

    Takers = Callable[[], Sequence[SpanProcessor]]

# More than applications add to most requests; with those of the request fewer than where limits are looked at.
MOST_OWN = 14
_TAKE = guard.site("calls.server_span.take")
_END, _FINISH = guard.site("calls.server_span.end"), guard.site("calls.server_span.finish")


class ServerSpan(_Span):
    """Stands for the SDK's span of one request.

    Args:
        tracer: the tracer that starts it.
        identity: of the span, whose flags hold the sampler's decision.
        parent: identity of its parent, None where it is the first of its trace.
        name: of the span.
        shown_name: the same without secrets.
        given: its attributes, as the sampler was asked.
        prepared: those of them that many requests share, without secrets.
        varying: the others.
        takers: returns what takes finished spans now, nothing where the SDK has to end the span.
    """

    _context: SpanContext
    _given: dict[str, Any]
    _record_end_metrics: Callable[[], None]

    def __init__(  # noqa: PLR0913, PLR0917 - the fields of a span
        self,
        tracer: SdkTracer,
        identity: SpanContext,
        parent: SpanContext | None,
        name: str,
        shown_name: str,
        given: dict[str, Any],
        prepared: PreparedAttributes,
        varying: Mapping[str, object],
        takers: Takers,
        ended: Callable[[], None],
    ) -> None:
        # Not by the SDK's constructor, which makes each attribute ready to be changed.
        self._lock = threading.Lock()
        self._context = identity
        self._parent = parent
        self._name = self._first_name = name
        self._shown_name = shown_name
        self._given = given
        self._prepared = prepared
        self._varying = varying
        self._takers = takers
        self._own: dict[str, Any] = {}
        self._outcome: PreparedAttributes | None = None
        self._status = self._known_status = UNSET
        self._start_time = self._end_time = None
        self._kind = SpanKind.SERVER
        self._resource = tracer.resource
        self._instrumentation_info = tracer.instrumentation_info
        self._instrumentation_scope = tracer._instrumentation_scope  # noqa: SLF001 - as its tracer makes it
        self._sampler = tracer.sampler
        self._span_processor = tracer.span_processor
        self._limits = tracer._span_limits  # noqa: SLF001 - as above
        self._trace_config = None
        self._record_exception = self._set_status_on_exception = True
        self._record_end_metrics = ended

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the SDK's span has under that name
        """Makes what the SDK's own methods work on, when the first of them does."""
        if name == "_attributes":
            limits = self._limits
            made: Any = BoundedAttributes(
                limits.max_span_attributes,
                self._given,
                immutable=self._end_time is not None,
                max_value_len=limits.max_span_attribute_length,
            )
        elif name == "_events":
            made = BoundedList(self._limits.max_events)
        elif name == "_links":
            made = BoundedList(self._limits.max_links)
        else:
            raise AttributeError(name)
        # Of two threads that come at once, the second takes what the first has made.
        return self.__dict__.setdefault(name, made)

    @property
    def attributes(self) -> Attributes:
        """Returns the attributes so far."""
        made = self.__dict__.get("_attributes")
        return MappingProxyType(self._given if made is None else made)

    @property
    def kind(self) -> SpanKind:
        """Returns that it is a server's span; asked of each call below it."""
        return SpanKind.SERVER

    def set_attribute(self, key: str, value: Any) -> None:  # noqa: ANN401 - the span's own signature
        """Takes one attribute."""
        if not guard.call(_TAKE, self._take, {key: value}):
            super().set_attribute(key, value)

    def set_attributes(self, attributes: Mapping[str, AnyValue]) -> None:
        """Takes several attributes."""
        if not guard.call(_TAKE, self._take, attributes):
            super().set_attributes(attributes)

    def _take(self, attributes: Mapping[str, Any]) -> bool:
        """Keeps a few plain attributes of the application apart; False where the SDK has to take them."""
        if not all(map(is_plain, attributes, attributes.values())):
            return False
        with self._lock:
            own = {**self._own, **attributes}
            is_new = self._own.keys() >= attributes.keys() & self._given.keys()
            if self._end_time is not None or "_attributes" in self.__dict__ or not is_new or len(own) > MOST_OWN:
                return False
            self._own = own
            self._given = {**self._given, **attributes}
        return True

    @guard.guarded("calls.server_span.respond")
    def respond(self, outcome: PreparedAttributes, status: Status) -> None:
        """Takes what the response says.

        Args:
            outcome: attributes that many responses share, without secrets.
            status: of the span.
        """
        with self._lock:
            is_first = self._outcome is None and self._end_time is None and self._is_untouched()
            is_first = is_first and self._own.keys().isdisjoint(outcome)
            if is_first:
                # A new one, for others may be reading, or have been given, what there was.
                self._given = {**self._given, **outcome}
                self._outcome = outcome
                self._status = self._known_status = status
        if not is_first and self.is_recording():
            self.set_attributes(outcome)
            self.set_status(status)

    def _is_untouched(self) -> bool:
        """Tells whether the span is what it was made as, and nobody has added to it."""
        fields = self.__dict__
        return (
            "_attributes" not in fields
            and not fields.get("_events")
            and not fields.get("_links")
            and self._name is self._first_name
            and self._status is self._known_status
        )

    def end(self, end_time: int | None = None) -> None:
        """Ends the span."""
        if not guard.call(_END, self._end_as_made, end_time):
            super().end(end_time)

    def _end_as_made(self, end_time: int | None) -> bool:
        """Ends the span where nobody has added to it and no stranger listens; False where the SDK has to."""
        if not self._takers():
            return False
        with self._lock:
            if self._end_time is not None or not self._is_untouched():
                return False
            self._end_time = time.time_ns() if end_time is None else end_time
        self._record_end_metrics()
        finished = guard.call(_FINISH, self._finished)
        self._span_processor.on_end(self._readable_span() if finished is None else finished)
        return True

    def _finished(self) -> ReadableSpan:
        """Returns the span for exporters; where it is not sampled, for those who look at its attributes."""
        if not self._context.trace_flags.sampled:
            return self._plain()
        status = self._status
        more: dict[str, Any] = redact_attributes({**self._varying, **self._own}, sql_text="none")
        is_error = status.status_code is StatusCode.ERROR
        # The marks that a processor would put on the SDK's span: processors/marks.py.
        reason = keep_reason(error=is_error, throttled=False, slow_db=False, slow_http=False, leak=False)
        if reason is not None:
            more["otelmon.keep"] = reason
        identity = self._context
        span = FinishedServerSpan()
        span.name = self._shown_name
        span.trace_id, span.span_id = identity.trace_id, identity.span_id
        span.trace_flags, span.own_trace_state = identity.trace_flags, identity.trace_state
        span.parent = self._parent
        span.resource = self._resource
        span.instrumentation_scope = self._instrumentation_scope
        outcome = self._outcome
        span.prepared_attributes = (self._prepared,) if outcome is None else (self._prepared, outcome)
        span.more_attributes = more
        span.start_time, span.end_time = self._start_time or 0, self._end_time or 0
        if status is not UNSET:
            span.status = status
        return span

    def _plain(self) -> ReadableSpan:
        return ReadableSpan(
            name=self._name,
            context=self._context,
            parent=self._parent,
            resource=self._resource,
            attributes=self._given,
            kind=SpanKind.SERVER,
            status=self._status,
            start_time=self._start_time,
            end_time=self._end_time,
            instrumentation_info=self._instrumentation_info,
            instrumentation_scope=self._instrumentation_scope,
        )
