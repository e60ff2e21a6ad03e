"""How a call ended, as attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.records import FinishedCall
from otelmon.rules.keep_reason import keep_reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.trace import Span

    from otelmon.calls.database_call import DatabaseCall
    from otelmon.calls.failure import Failure

Attributes = dict[str, str | int | float | bool]


class Outcome:
    """Gathers the attributes of one finished call, scalars without literals.

    Args:
        call: the call, over.
        failure: what went wrong, or None.
        threshold_ms: the threshold that a slow call has reached, or None for any other.
        retries: how many attempts of the statement had failed before.
    """

    def __init__(self, call: DatabaseCall, failure: Failure | None, threshold_ms: int | None, retries: int = 0) -> None:
        self._call = call
        self.failure = failure
        self.threshold_ms = threshold_ms
        self.is_promoted = False
        self._attributes: Attributes = {**call.connection.span_attributes, **call.statement.attributes}
        self._add_figures()
        if retries:
            self._attributes["otelmon.db.retry"] = retries
        if call.statement.fingerprint and self.is_notable:
            self._attributes["otelmon.db.query.fingerprint"] = call.statement.fingerprint
        if failure is not None:
            self._attributes["error.type"] = failure.error_type
            if failure.sqlstate:
                self._attributes["db.response.status_code"] = failure.sqlstate

    @property
    def is_notable(self) -> bool:
        """Tells whether the call was slow or failed."""
        return self.failure is not None or self.threshold_ms is not None

    def _add_figures(self) -> None:
        rows = self._call.returned_rows() if self.failure is None else None
        if rows is not None:
            self._attributes["db.response.returned_rows"] = rows
        if self._call.batch_size > 1:
            # A batch of one is no batch by the semantic conventions.
            self._attributes["db.operation.batch.size"] = self._call.batch_size

    def called_from(self, line: tuple[str, str, int] | None) -> None:
        """Adds the application's calling line: function, file and number."""
        if line is not None:
            self._attributes |= zip(("code.function.name", "code.file.path", "code.line.number"), line, strict=True)

    def add(self, attributes: Mapping[str, str | int | float | bool]) -> None:
        """Adds facts that others know of the call."""
        self._attributes |= attributes

    def requested_by(self, parent: Span) -> None:
        """Adds the route of the request, where the parent is a server's span that knows it."""
        known = getattr(parent, "attributes", None)
        route = known.get("http.route") if known else None
        if isinstance(route, str):
            self._attributes["http.route"] = route

    def identified_as(self, query_id: int) -> None:
        """Adds the server's id of the statement."""
        self._attributes["otelmon.db.query_id"] = query_id

    def span_attributes(self) -> Attributes:
        """Returns the attributes of the leaf span, marks included."""
        if not self.is_notable:
            return self._attributes
        reason = keep_reason(
            error=self.failure is not None,
            throttled=False,
            slow_db=self.threshold_ms is not None,
            slow_http=False,
            leak=False,
        )
        marks: Attributes = {} if reason is None else {"otelmon.keep": reason}
        if self.threshold_ms is not None:
            marks |= {"otelmon.slow": True, "otelmon.slow_threshold_ms": self.threshold_ms}
        if self.is_promoted:
            marks["otelmon.promoted"] = True
        return {**self._attributes, **marks}

    def finished(self) -> FinishedCall:
        """Returns what an event of the call is made of; the attributes are those of the span, which nobody changes."""
        call, failure = self._call, self.failure
        error = None if failure is None else (failure.exception_type, failure.message)
        return FinishedCall(self._attributes, call.elapsed_ns, call.started_at_ns + call.elapsed_ns, error)

    def event_attributes(self) -> Attributes:
        """Returns the attributes of the event: those of the span, the duration in seconds, and the error's message."""
        attributes: Attributes = {**self._attributes, "otelmon.db.duration": self._call.elapsed_ns / 1e9}
        if self.threshold_ms is not None:
            attributes["otelmon.slow_threshold_ms"] = self.threshold_ms
        if self.failure is not None:
            attributes |= {"exception.type": self.failure.exception_type, "exception.message": self.failure.message}
        return attributes
