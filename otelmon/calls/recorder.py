"""Records finished calls: each in the histogram, sampled ones as a leaf span, slow and failed ones as events too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.instrumentation.utils import is_instrumentation_enabled

from otelmon import guard, signals
from otelmon.calls.caller import noticing, told_by
from otelmon.calls.connection_facts import connection_facts_of
from otelmon.calls.database_call import DatabaseCall
from otelmon.calls.diagnosis import identify, note_end, offer_plan
from otelmon.calls.failure import failure_of
from otelmon.calls.in_flight import InFlight
from otelmon.calls.leaf_spans import is_local
from otelmon.calls.metric_attributes import MetricAttributes
from otelmon.calls.n_plus_one import RepeatedStatements
from otelmon.calls.outcome import Outcome
from otelmon.calls.statement_facts import statement_facts
from otelmon.rules.slow_operation import is_slow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Protocol

    from opentelemetry.metrics import Meter
    from opentelemetry.trace import SpanContext

    from otelmon.calls.connection_facts import ConnectionFacts
    from otelmon.calls.leaf_spans import LeafSpans
    from otelmon.calls.statement_facts import StatementFacts
    from otelmon.registry import HookRegistry

    class Emit(Protocol):
        """Emits one event."""

        def __call__(
            self, name: str, attributes: Mapping[str, str | int | float | bool], *, trace_id: int, span_id: int
        ) -> None:
            """Emits it in the context of a span."""
            ...


DURATION = "db.client.operation.duration"
SLOW_OPERATIONS = "otelmon.db.client.slow_operations"
SLOW, ERROR = "otelmon.db.slow", "otelmon.db.error"
BOUNDS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0)
_SLOW_ATTRIBUTES = frozenset(signals.BY_NAME[SLOW_OPERATIONS].attributes)
_EVENT = guard.site("calls.event")
_SESSION = guard.site("calls.session")
_SPAN = guard.site("calls.span")


class CallRecorder:
    """Begins and ends the calls of every database hook; one per activation.

    Args:
        registry: its settings hold the threshold of slow calls and whether statements may be shown.
        meter: makes the histogram and the counter.
        spans: makes the leaf spans.
        emit: takes an event's name, attributes, trace id and span id.
        calling_line: returns function, file and line of the application that called; asked for slow and failed calls.
    """

    def __init__(
        self,
        registry: HookRegistry,
        meter: Meter,
        spans: LeafSpans,
        emit: Emit,
        calling_line: Callable[[], tuple[str, str, int] | None],
    ) -> None:
        settings = registry.settings
        self.in_flight = InFlight()
        self._threshold_ms = settings.slow_query_threshold_ms
        self._with_text = settings.sql_text != "none"
        self._spans = spans
        self._promoted = registry.promoted
        self.sessions = registry.sessions
        self._emit = emit
        self._calling_line = calling_line
        self._attributes = MetricAttributes(settings.label_limit, lambda: registry.overflowed(DURATION))
        duration, slow = signals.BY_NAME[DURATION], signals.BY_NAME[SLOW_OPERATIONS]
        self._duration = meter.create_histogram(
            DURATION, duration.unit, duration.meaning, explicit_bucket_boundaries_advisory=BOUNDS
        )
        self._repeated = RepeatedStatements(meter, emit, calling_line)
        self._slow = meter.create_counter(SLOW_OPERATIONS, slow.unit, slow.meaning)

    def is_wanted(self) -> bool:
        """Tells whether calls are to be observed here: not where instrumentation is suppressed."""
        return is_instrumentation_enabled()

    def facts(self, statement: object) -> StatementFacts:
        """Returns the facts of a statement as an application gives it."""
        return statement_facts(statement, with_text=self._with_text)

    def start(self, connection: ConnectionFacts, statement: object = "") -> DatabaseCall:
        """Begins one call; it ends with its block.

        Args:
            connection: prepared once per connection.
            statement: text or bytes, as the application gave it.
        """
        return DatabaseCall(self, connection, self.facts(statement))

    def call(
        self, system: str, connection_facts: Mapping[str, str | int | None], statement: object
    ) -> DatabaseCall | None:
        """Begins one call for a hook that keeps no facts of its connections; None where calls are not wanted."""
        if not self.is_wanted():
            return None
        return self.start(connection_facts_of(system, connection_facts), statement)

    def finish(self, call: DatabaseCall, error: BaseException | None) -> None:
        """Records one call that has ended."""
        failure = None if error is None else failure_of(error)
        labels = self._attributes.of(call.connection, call.statement, failure.error_type if failure else "")
        self._duration.record(call.elapsed_ns / 1e9, labels, call.context)
        slow = is_slow(call.elapsed_ns, self._threshold_ms)
        if slow:
            self._slow.add(1, {key: value for key, value in labels.items() if key in _SLOW_ATTRIBUTES}, call.context)
        caller = noticing(call)
        parent = trace.get_current_span(call.context)
        context = parent.get_span_context()
        retries = self._repeated.ended(call, parent, failure)
        session = call.connection.session
        if session is not None:
            guard.call(_SESSION, note_end, call, session, context, self._calling_line)
        # Below a span of this process that is not sampled nothing is; elsewhere the provider's sampler decides.
        sampled = not call.is_traced_elsewhere and not (is_local(context) and not context.trace_flags.sampled)
        if not (sampled or slow or failure):
            return
        outcome = Outcome(call, failure, self._threshold_ms if slow else None, retries)
        if outcome.is_notable and call.context is None:
            outcome.called_from(self._calling_line())
        outcome.requested_by(parent)
        sent = guard.call(_SESSION, identify, call, outcome, self.sessions) if outcome.is_notable else None
        outcome.add(told_by(caller, call))
        made = guard.call(_SPAN, self._spans.make, call, outcome, context) if sampled else None
        if outcome.is_notable:
            own = guard.call(_SPAN, self._sent, call, outcome, context, made)
            guard.call(_EVENT, self._event, outcome, own or made or context)
            if sent is not None and slow:
                guard.call(_SESSION, offer_plan, call, sent, self.sessions, own or made or context)

    def _sent(
        self, call: DatabaseCall, outcome: Outcome, parent: SpanContext, made: SpanContext | None
    ) -> SpanContext | None:
        """Makes sure that the span of a slow or failed call is sent, and its ancestors after it."""
        if call.is_traced_elsewhere or (made is not None and made.trace_flags.sampled):
            return made
        if is_local(parent):
            self._promoted.add(parent.span_id)
        return self._spans.promote(call, outcome, parent, made)

    def _event(self, outcome: Outcome, context: SpanContext) -> None:
        attributes = outcome.event_attributes()
        for name, applies in ((SLOW, outcome.threshold_ms is not None), (ERROR, outcome.failure is not None)):
            if applies:
                self._emit(name, attributes, trace_id=context.trace_id, span_id=context.span_id)
