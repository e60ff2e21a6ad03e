"""Records finished calls: each in the histogram, sampled ones as a leaf span, slow and failed ones as events too."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from opentelemetry import trace

from otelmon import guard
from otelmon.calls.caller import noticing, told_by
from otelmon.calls.connection_facts import connection_facts_of
from otelmon.calls.current_context import is_wanted, surroundings
from otelmon.calls.database_call import DatabaseCall
from otelmon.calls.diagnosis import identify, note_end, offer_plan
from otelmon.calls.failure import failure_of
from otelmon.calls.in_flight import InFlight
from otelmon.calls.leaf_spans import is_local
from otelmon.calls.metric_attributes import cell_of
from otelmon.calls.n_plus_one import RepeatedStatements
from otelmon.calls.outcome import Outcome
from otelmon.calls.statement_facts import StatementTable
from otelmon.rules.slow_operation import is_slow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Protocol

    from opentelemetry.trace import SpanContext

    from otelmon.calls.connection_facts import ConnectionFacts
    from otelmon.calls.leaf_spans import LeafSpans
    from otelmon.records import FinishedCall
    from otelmon.registry import HookRegistry
    from otelmon.registry.histograms import Cell

    class Emit(Protocol):
        """Emits one event."""

        def __call__(
            self, name: str, attributes: Mapping[str, str | int | float | bool], *, trace_id: int, span_id: int
        ) -> None:
            """Emits it in the context of a span."""
            ...

    class OperationLog(Protocol):
        """Tells of each call."""

        def add(self, call: FinishedCall, context: SpanContext) -> None:
            """Takes one call without waiting, in the context of its span or of the one that it was made in."""
            ...


SLOW, ERROR = "otelmon.db.slow", "otelmon.db.error"
_EVENT = guard.site("calls.event")
_SESSION = guard.site("calls.session")
_SPAN = guard.site("calls.span")


class CallRecorder:
    """Begins and ends the calls of every database hook; one per activation.

    Args:
        registry: takes the figures; its settings hold the threshold of slow calls and whether statements may be shown.
        spans: makes the leaf spans.
        emit: takes an event's name, attributes, trace id and span id.
        operation_log: takes finished calls to tell an event of each; None for no such event.
        calling_line: returns function, file and line of the application that called; asked for slow and failed calls.
    """

    def __init__(
        self,
        registry: HookRegistry,
        spans: LeafSpans,
        emit: Emit,
        calling_line: Callable[[], tuple[str, str, int] | None],
        operation_log: OperationLog | None = None,
    ) -> None:
        settings = registry.settings
        self.in_flight = InFlight()
        self._threshold_ms = settings.slow_query_threshold_ms
        self._operations = registry.operations
        self._durations = registry.operations.durations
        self._spans = spans
        self._promoted = registry.promoted
        self.sessions = registry.sessions
        self._emit = emit
        self._calling_line = calling_line
        self._operation_log = operation_log
        self._logs_all = operation_log is not None and settings.operation_log == "all"
        self._repeated = RepeatedStatements(registry.operations, emit, calling_line)
        self.is_wanted = is_wanted
        self.facts = StatementTable(with_text=settings.sql_text != "none").facts

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
        connection, statement, elapsed_ns = call.connection, call.statement, call.elapsed_ns
        slow = is_slow(elapsed_ns, self._threshold_ms)
        failure = None if error is None else failure_of(error)
        cell = connection.cells.get(statement.key) if failure is None else None
        if cell is None:
            cell = cell_of(self._durations, connection, statement, failure.error_type if failure else "")
        cell.add(elapsed_ns)
        caller = noticing(call)
        here = surroundings(call.context or call.began_in)
        request = here.request
        retries = 0 if request is None else self._repeated.ended(call, request, here.within, failure)
        if connection.session is not None:
            guard.call(_SESSION, note_end, call, connection.session, here.within, self._calling_line)
        sampled = not call.is_traced_elsewhere and not here.is_unsampled
        if sampled or slow or failure is not None or self._logs_all:
            call.started_at_ns = time.time_ns() - elapsed_ns
            outcome = Outcome(call, failure, self._threshold_ms if slow else None, retries)
            outcome.add(told_by(caller, call))
            self._tell(call, outcome, cell, sampled=sampled)

    def _tell(self, call: DatabaseCall, outcome: Outcome, cell: Cell, *, sampled: bool) -> None:
        """Makes the span of a call, and the events of a slow or failed one."""
        parent = trace.get_current_span(call.context or call.began_in)
        within = parent.get_span_context()
        if outcome.is_notable and call.context is None:
            outcome.called_from(self._calling_line())
        outcome.requested_by(parent)
        sent = guard.call(_SESSION, identify, call, outcome, self.sessions) if outcome.is_notable else None
        made = guard.call(_SPAN, self._spans.make, call, outcome, within) if sampled else None
        if outcome.is_notable:
            made = self._notable(call, outcome, within, made)
        shown = made or within
        if shown.trace_flags.sampled:
            cell.show(call.elapsed_ns, shown)
        if self._operation_log is not None and (self._logs_all or shown.trace_flags.sampled):
            self._operation_log.add(outcome.finished(), shown)
        if sent is not None and outcome.threshold_ms is not None:
            guard.call(_SESSION, offer_plan, call, sent, self.sessions, shown)

    def _notable(
        self, call: DatabaseCall, outcome: Outcome, within: SpanContext, made: SpanContext | None
    ) -> SpanContext | None:
        """Counts, sends and tells of a slow or failed call; returns the identity of its span, if it has one."""
        if outcome.threshold_ms is not None:
            statement = call.statement
            self._operations.was_slow(statement.operation, statement.collection, call.connection.namespace)
        own = guard.call(_SPAN, self._sent, call, outcome, within, made) or made
        guard.call(_EVENT, self._event, outcome, own or within)
        return own

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
