"""One call to a database while it runs."""

from __future__ import annotations

from threading import get_ident
from time import perf_counter_ns
from typing import TYPE_CHECKING

from opentelemetry.context import get_current

from otelmon import guard
from otelmon.calls.current_context import surroundings

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Protocol

    from opentelemetry.context import Context

    from otelmon.calls.connection_facts import ConnectionFacts
    from otelmon.calls.current_context import Surroundings
    from otelmon.calls.statement_facts import StatementFacts
    from otelmon.registry.sent_statement import SentStatement

    class Running(Protocol):
        """Knows the calls that have not ended."""

        def add(self, call: DatabaseCall) -> None:
            """Notes a beginning."""
            ...

        def remove(self, call: DatabaseCall) -> None:
            """Notes an end."""
            ...

    class Recorder(Protocol):
        """Takes running and finished calls."""

        @property
        def in_flight(self) -> Running:
            """Returns where running calls are noted."""
            ...

        def finish(self, call: DatabaseCall, error: BaseException | None) -> None:
            """Records one."""
            ...


_FINISH = guard.site("calls.finish")


class DatabaseCall:
    """Times one call, as a context manager around it; an error passes through and is recorded.

    A hook fills in what it learns meanwhile and may derive from this class to tell more at the end. What few calls need
    has its value at the class, so that it costs the others nothing; hence no slots.

    Args:
        recorder: takes it when it is over.
        connection: where it goes.
        statement: what it does.
        here: what the context says that it begins in, where the hook has asked already.
    """

    # What the span is a child of; None is the context that the call began in.
    context: Context | None = None
    batch_size = 0
    # As the application gave them, None where it gave none; a hook that does not know them leaves the ellipsis.
    parameters: object = ...
    # Whether another instrumentation makes the span.
    is_traced_elsewhere = False
    elapsed_ns = 0
    # Unix time, set when a span is made.
    started_at_ns = 0
    # For whoever looks at the call while it runs.
    is_told = False

    # The server's id of the statement, once it is known; until then the attribute is not there.
    query_id: int

    def __init__(
        self,
        recorder: Recorder,
        connection: ConnectionFacts,
        statement: StatementFacts,
        here: Surroundings | None = None,
    ) -> None:
        self.recorder = recorder
        self.connection = connection
        self.statement = statement
        self.here = here or surroundings(get_current())
        self.thread_id = get_ident()
        recorder.in_flight.add(self)
        self.began_ns = perf_counter_ns()

    @property
    def name(self) -> str:
        """Returns the name of the span."""
        return self.statement.summary or self.statement.operation

    def __enter__(self) -> DatabaseCall:  # noqa: PYI034 - Self is in typing from Python 3.11 on
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.end(error)

    def end(self, error: BaseException | None = None) -> None:
        """Ends a call that does not end with a block; never raises."""
        self.elapsed_ns = perf_counter_ns() - self.began_ns
        self.recorder.in_flight.remove(self)
        guard.call(_FINISH, self.recorder.finish, self, error)
        self.parameters = ...

    def sent(self) -> SentStatement | None:
        """Returns what the driver sent, None where that is unknown; asked only of slow and failed calls."""
        return None

    def returned_rows(self) -> int | None:
        """Returns how many rows came back, None where that is unknown or means nothing; asked only for a span."""
        return None
