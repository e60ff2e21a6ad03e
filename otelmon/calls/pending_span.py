"""The span of an outgoing call while it runs: others may look at it, add to it, and make children of it.

It costs little as long as nobody asks for more than an identity and a place for attributes: then it ends as a leaf span
does, made when everything is known. Whoever asks for more gets the SDK's own span, with the same identity.
Contract test: tests/contract/test_requests_spans.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.trace import _Span
from opentelemetry.trace import Span, SpanContext, SpanKind

from otelmon import guard
from otelmon.calls.leaf_span import LeafSpan
from otelmon.calls.leaf_spans import UNSET

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.sdk.trace import Tracer as SdkTracer
    from opentelemetry.trace import Status

    from otelmon.calls.current_context import Surroundings
    from otelmon.calls.prepared_attributes import PreparedAttributes

    Attributes = dict[str, str | int | float | bool]

_ASKED = guard.site("calls.pending_span")
# Attributes under this prefix are made here, and hold no secrets.
OWN = "otelmon."


class PendingSpan(Span):
    """Stands for a client's span below a sampled one of this process.

    Args:
        tracer: makes the SDK's span where somebody asks for it.
        name: of the span.
        prepared: its attributes so far, without literals and secrets.
        here: what it begins in.
        context: the same, which the SDK's span would be started in.
        start_time: unix nanoseconds.
    """

    kind = SpanKind.CLIENT
    # By which calls below find their request; see registry/requests.py.
    _otelmon_request: object = None
    _started: Any = None

    def __init__(  # noqa: PLR0913, PLR0917 - the fields of a span
        self,
        tracer: SdkTracer,
        name: str,
        prepared: PreparedAttributes,
        here: Surroundings,
        context: Context,
        start_time: int,
    ) -> None:
        self._tracer = tracer
        self._name = name
        self._prepared = prepared
        self._within = context
        self.parent = parent = here.within
        self.start_time = start_time
        self._identity = SpanContext(
            parent.trace_id, tracer.id_generator.generate_span_id(), False, parent.trace_flags, parent.trace_state
        )
        if here.request is not None:
            self._otelmon_request = here.request
        self.own: Attributes = {}

    def get_span_context(self) -> SpanContext:
        """Returns the identity of the span."""
        return self._identity

    def is_recording(self) -> bool:
        """Tells that attributes are taken."""
        return self._started is None or bool(self._asked("is_recording"))

    def set_attribute(self, key: str, value: Any) -> None:  # noqa: ANN401 - the span's own signature
        """Takes one attribute."""
        if self._started is None and key.__class__ is str and key.startswith(OWN):
            self.own[key] = value
        else:
            self._asked("set_attribute", key, value)

    def set_attributes(self, attributes: Mapping[str, object]) -> None:
        """Takes several attributes."""
        guard.call(_ASKED, self._set_each, attributes)

    def _set_each(self, attributes: Mapping[str, object]) -> None:
        for key, value in attributes.items():
            self.set_attribute(key, value)

    def add_event(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - the span's own signature
        """Adds an event."""
        self._asked("add_event", *args, **options)

    def add_link(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - as above
        """Adds a link."""
        self._asked("add_link", *args, **options)

    def update_name(self, name: str) -> None:
        """Gives the span another name."""
        self._asked("update_name", name)

    def set_status(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - as above
        """Sets the status."""
        self._asked("set_status", *args, **options)

    def record_exception(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - as above
        """Adds an exception as an event."""
        self._asked("record_exception", *args, **options)

    def end(self, end_time: int | None = None) -> None:
        """Ends the span."""
        self._asked("end", end_time)

    def _asked(self, name: str, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - as above
        return guard.call(_ASKED, self._ask, name, args, options)

    def _ask(self, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:  # noqa: ANN401 - as above
        return getattr(self.started(), name)(*args, **options)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the SDK's span has under that name
        """Answers for everything else that the SDK's span has."""
        started = None if name.startswith("__") else guard.call(_ASKED, self.started)
        if started is None:
            raise AttributeError(name)
        return getattr(started, name)

    def started(self) -> Any:  # noqa: ANN401 - the SDK's own span
        """Returns the SDK's span, which from here on takes everything."""
        if self._started is None:
            tracer = self._tracer
            span = _Span(
                name=self._name,
                context=self._identity,
                parent=self.parent,
                sampler=tracer.sampler,
                resource=tracer.resource,
                attributes={**self._prepared, **self.own},
                span_processor=tracer.span_processor,
                kind=self.kind,
                instrumentation_info=tracer.instrumentation_info,
                limits=tracer._span_limits,  # noqa: SLF001 - as its tracer makes it
                instrumentation_scope=tracer._instrumentation_scope,  # noqa: SLF001 - as above
            )
            span.start(self.start_time, self._within)
            # Of two threads that come at once, the second takes the span of the first.
            self.__dict__.setdefault("_started", span)
        return self._started

    def finish(
        self,
        takers: Sequence[SpanProcessor],
        outcome: PreparedAttributes,
        more: Attributes,
        status: Status,
        end_time: int,
    ) -> None:
        """Ends the span as what it turned out to be.

        Args:
            takers: take a finished span; nothing where the SDK has to end it, since somebody else listens meanwhile.
            outcome: attributes that many ends share.
            more: attributes of this end alone, marks among them; the SDK's span gets its marks from its processor.
            status: of the span.
            end_time: unix nanoseconds.
        """
        started = self._started if takers else self.started()
        if started is not None:
            started.set_attributes(outcome)
            started.set_status(status)
            started.end(end_time)
            return
        span = LeafSpan()
        span.name = self._name
        span.trace_id, span.span_id = self._identity.trace_id, self._identity.span_id
        span.trace_flags = self._identity.trace_flags
        span.parent = self.parent
        span.resource = self._tracer.resource
        span.instrumentation_scope = self._tracer._instrumentation_scope  # noqa: SLF001 - the SDK shows it nowhere else
        span.prepared_attributes = (self._prepared, outcome)
        span.more_attributes = more
        span.start_time, span.end_time = self.start_time, end_time
        if status is not UNSET:
            span.status = status
        for each in takers:
            each.on_end(span)
