"""Records finished calls: each in the histogram, sampled ones as a leaf span, slow and failed ones as events too."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from opentelemetry.trace import TraceFlags

from otelmon import guard
from otelmon.calls.caller import NOTHING, calling, told_by
from otelmon.calls.connection_facts import connection_facts_of
from otelmon.calls.current_context import current_surroundings, is_local, is_wanted, surroundings
from otelmon.calls.database_call import DatabaseCall
from otelmon.calls.diagnosis import identify, note_end, offer_plan
from otelmon.calls.failure import failure_of
from otelmon.calls.in_flight import InFlight
from otelmon.calls.leaf_spans import UNSET
from otelmon.calls.marked import is_held, ranked
from otelmon.calls.metric_attributes import cell_of
from otelmon.calls.n_plus_one import RepeatedStatements
from otelmon.calls.outcome import Outcome, finished_call, own_attributes
from otelmon.calls.statement_facts import StatementTable
from otelmon.rules.slow_operation import slow_from_ns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Protocol

    from otelmon.calls.connection_facts import ConnectionFacts
    from otelmon.calls.current_context import Surroundings
    from otelmon.calls.failure import Failure
    from otelmon.calls.leaf_spans import LeafSpans
    from otelmon.calls.outcome import Attributes
    from otelmon.records import FinishedCall, SpanIdentity
    from otelmon.registry import HookRegistry

    class Emit(Protocol):
        """Emits one event."""

        def __call__(
            self, name: str, attributes: Mapping[str, str | int | float | bool], *, trace_id: int, span_id: int
        ) -> None:
            """Emits it in the context of a span."""
            ...

    class OperationLog(Protocol):
        """Tells of each call."""

        def add(self, call: FinishedCall, context: SpanIdentity) -> None:
            """Takes one call without waiting, in the context of its span or of the one that it was made in."""
            ...


SLOW, ERROR = "otelmon.db.slow", "otelmon.db.error"
_CALLER = guard.site("calls.caller")
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
        self._slow_from_ns = slow_from_ns(self._threshold_ms)
        self._operations = registry.operations
        self._durations = registry.operations.durations
        self._spans = spans
        self._promoted = registry.promoted
        self.sessions = registry.sessions
        self._emit = emit
        self._registry = registry
        self._calling_line = calling_line
        self._operation_log = operation_log
        self._logs_all = operation_log is not None and settings.operation_log == "all"
        self.repeated = RepeatedStatements(registry.operations, emit, calling_line)
        self.is_wanted = is_wanted
        self.here = current_surroundings
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
        failure = None if error is None else failure_of(error)
        cell = connection.cells.get(statement.key) if failure is None else None
        if cell is None:
            cell = cell_of(self._durations, connection, statement, failure.error_type if failure else "")
        cell.add(elapsed_ns)
        caller = calling.get()
        if caller is not None:
            guard.call(_CALLER, caller.ends, call)
        here = call.here if call.context is None else surroundings(call.context)
        request = here.request
        retries = 0 if request is None else self.repeated.ended(call, request, here.within, failure)
        if connection.session is not None:
            guard.call(_SESSION, note_end, call, connection.session, here.within, self._calling_line)
        is_notable = failure is not None or elapsed_ns >= self._slow_from_ns
        if is_notable or self._logs_all or not (here.is_unsampled or call.is_traced_elsewhere):
            call.started_at_ns = time.time_ns() - elapsed_ns
            told = NOTHING if caller is None else told_by(caller, call)
            own = own_attributes(call, failure, retries, here.route(), told)
            shown = self._shown(call, own, failure, here, is_notable=is_notable)
            if shown.trace_flags & TraceFlags.SAMPLED:
                cell.show(elapsed_ns, shown, call.started_at_ns + elapsed_ns)
            if self._operation_log is not None:
                self._log(self._operation_log, call, own, failure, shown)

    def _shown(
        self, call: DatabaseCall, own: Attributes, failure: Failure | None, here: Surroundings, *, is_notable: bool
    ) -> SpanIdentity:
        """Makes span and events of a call as its surroundings ask, and returns the identity of what shows it."""
        sampled = not (here.is_unsampled or call.is_traced_elsewhere)
        if is_notable:
            return self._tell(call, own, failure, here, sampled=sampled)
        made = guard.call(_SPAN, self._spans.make, call, own, UNSET, here) if sampled else None
        return made or here.within

    def show_fast_calls(self, instead: Callable[[], None] | None) -> None:
        """Makes spans of all sampled calls from now on, or calls something else for each other than notable ones."""
        self.__dict__.pop("_shown", None)
        if instead is None:
            return
        shown = self._shown

        def of_notable_calls(
            call: DatabaseCall, own: Attributes, failure: Failure | None, here: Surroundings, *, is_notable: bool
        ) -> SpanIdentity:
            if is_notable:
                return shown(call, own, failure, here, is_notable=True)
            instead()
            return here.within

        self.__dict__["_shown"] = of_notable_calls

    def _log(
        self, log: OperationLog, call: DatabaseCall, own: Attributes, failure: Failure | None, shown: SpanIdentity
    ) -> None:
        if self._logs_all or shown.trace_flags & TraceFlags.SAMPLED:
            log.add(finished_call(call, own, failure), shown)

    def _tell(
        self, call: DatabaseCall, own: Attributes, failure: Failure | None, here: Surroundings, *, sampled: bool
    ) -> SpanIdentity:
        """Makes span and events of a slow or failed call, and returns the identity of what shows it."""
        slow = call.elapsed_ns >= self._slow_from_ns
        outcome = Outcome(call, own, failure, self._threshold_ms if slow else None)
        if call.context is None:
            outcome.called_from(self._calling_line())
        outcome.add(ranked(call, self._registry.marked_calls))
        sent = guard.call(_SESSION, identify, call, outcome, self.sessions)
        if slow:
            statement = call.statement
            self._operations.was_slow(statement.operation, statement.collection, call.connection.namespace)
        shown = guard.call(_SPAN, self._sent, call, outcome, here, sampled=sampled) or here.within
        guard.call(_EVENT, self._event, outcome, shown)
        if sent is not None and slow:
            guard.call(_SESSION, offer_plan, call, sent, self.sessions, shown)
        return shown

    def _sent(self, call: DatabaseCall, outcome: Outcome, here: Surroundings, *, sampled: bool) -> SpanIdentity | None:
        """Makes sure that the span of a slow or failed call is sent, and its ancestors after it."""
        made, within = None, here.within
        if sampled:
            made = self._spans.make(call, outcome.span_attributes(is_promoted=False), outcome.status, here)
        if call.is_traced_elsewhere or (made is not None and made.trace_flags & TraceFlags.SAMPLED):
            return made
        if is_local(within):
            self._promoted.add(within.span_id)
        return self._spans.promote(call, outcome.span_attributes(is_promoted=True), outcome.status, within, made)

    def _event(self, outcome: Outcome, context: SpanIdentity) -> None:
        attributes = outcome.event_attributes()
        if outcome.threshold_ms is not None:
            self._emit(SLOW, attributes, trace_id=context.trace_id, span_id=context.span_id)
            if self._registry.on_slow is not None:
                self._registry.on_slow(attributes, context)
        if outcome.failure is not None and not is_held(outcome.failure, attributes, context, self._registry):
            self._emit(ERROR, attributes, trace_id=context.trace_id, span_id=context.span_id)
