"""How a call ended, as attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry.trace import Status, StatusCode

from otelmon.records import FinishedCall
from otelmon.rules.keep_reason import keep_reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from otelmon.calls.database_call import DatabaseCall
    from otelmon.calls.failure import Failure

Attributes = dict[str, str | int | float | bool]


def own_attributes(
    call: DatabaseCall,
    failure: Failure | None,
    retries: int,
    route: str,
    told: Mapping[str, str | int | float | bool],
) -> Attributes:
    """Returns what a call has that its connection and its statement have not.

    Args:
        call: the call, over.
        failure: what went wrong, or None.
        retries: how many attempts of the statement had failed before.
        route: of the request, where the call is directly below a server's span that knows it.
        told: what the library knows that made the call.
    """
    attributes: Attributes = {}
    rows = call.returned_rows() if failure is None else None
    if rows is not None:
        attributes["db.response.returned_rows"] = rows
    if call.batch_size > 1:
        # A batch of one is no batch by the semantic conventions.
        attributes["db.operation.batch.size"] = call.batch_size
    if retries:
        attributes["otelmon.db.retry"] = retries
    if route:
        attributes["http.route"] = route
    if told:
        attributes |= told
    return attributes


def finished_call(call: DatabaseCall, own: Attributes, failure: Failure | None) -> FinishedCall:
    """Returns what an event of a call is made of; nobody changes the attributes afterwards."""
    error = None if failure is None else (failure.exception_type, failure.message)
    attributes = (call.connection.span_attributes, call.statement.attributes, own)
    return FinishedCall(attributes, call.elapsed_ns, call.started_at_ns + call.elapsed_ns, error)


class Outcome:
    """Gathers the attributes of one slow or failed call, scalars without literals.

    Args:
        call: the call, over.
        attributes: its own, which are added to.
        failure: what went wrong, or None.
        threshold_ms: the threshold that a slow call has reached, or None for any other.
    """

    def __init__(
        self, call: DatabaseCall, attributes: Attributes, failure: Failure | None, threshold_ms: int | None
    ) -> None:
        self._call = call
        self._attributes = attributes
        self.failure = failure
        self.threshold_ms = threshold_ms
        if call.statement.fingerprint:
            attributes["otelmon.db.query.fingerprint"] = call.statement.fingerprint
        if failure is not None:
            attributes["error.type"] = failure.error_type
            if failure.sqlstate:
                attributes["db.response.status_code"] = failure.sqlstate

    @property
    def status(self) -> Status:
        """Returns the status of the span."""
        failure = self.failure
        return Status(StatusCode.UNSET) if failure is None else Status(StatusCode.ERROR, failure.description)

    def called_from(self, line: tuple[str, str, int] | None) -> None:
        """Adds the application's calling line: function, file and number."""
        if line is not None:
            self._attributes |= zip(("code.function.name", "code.file.path", "code.line.number"), line, strict=True)

    def add(self, attributes: Mapping[str, int]) -> None:
        """Adds what is counted of the statement."""
        self._attributes |= attributes

    def identified_as(self, query_id: int) -> None:
        """Adds the server's id of the statement."""
        self._attributes["otelmon.db.query_id"] = query_id

    def span_attributes(self, *, is_promoted: bool) -> Attributes:
        """Returns the span's own attributes, marks included.

        Args:
            is_promoted: whether the span is sent although nobody sampled it.
        """
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
        if is_promoted:
            marks["otelmon.promoted"] = True
        return {**self._attributes, **marks}

    def event_attributes(self) -> Attributes:
        """Returns the attributes of the event: those of the span, the duration in seconds, and the error's message."""
        call = self._call
        attributes: Attributes = {**call.connection.span_attributes, **call.statement.attributes, **self._attributes}
        attributes["otelmon.db.duration"] = call.elapsed_ns / 1e9
        if self.threshold_ms is not None:
            attributes["otelmon.slow_threshold_ms"] = self.threshold_ms
        if self.failure is not None:
            attributes |= {"exception.type": self.failure.exception_type, "exception.message": self.failure.message}
        return attributes
