"""Calls of psycopg, each with what is special at its end."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, TypeVar

from opentelemetry import trace
from opentelemetry.context import get_current
from psycopg import ProgrammingError, conninfo, pq

from otelmon import guard
from otelmon.calls.connection_facts import ConnectionFacts
from otelmon.calls.database_call import DatabaseCall
from otelmon.hooks.psycopg.fields import sent_by
from otelmon.hooks.psycopg.sessions import opened_session
from otelmon.hooks.psycopg.statements import CONNECT
from otelmon.hooks.watched_psycopg import LAST_CALL

if TYPE_CHECKING:
    from types import TracebackType

    from otelmon.calls.recorder import CallRecorder
    from otelmon.calls.statement_facts import StatementFacts
    from otelmon.registry.database_sessions import DatabaseSessions
    from otelmon.registry.sent_statement import SentStatement

Call = TypeVar("Call", bound=DatabaseCall)
SYSTEM = "postgresql"
# Names in the instance dictionaries of connections.
FACTS, PENDING, DIRECT = "_otelmon_facts", "_otelmon_pending", "_otelmon_direct"
UPSTREAM = "opentelemetry.instrumentation.psycopg"
NOWHERE = ConnectionFacts(SYSTEM)
_SESSION = guard.site("hooks.psycopg.session")
_END = guard.site("hooks.psycopg.end")
# An iterator's end, and an application that wants no more of its rows.
_NO_FAILURES = (StopIteration, StopAsyncIteration, GeneratorExit)
_OFF = pq.PipelineStatus.OFF
_TUPLES = pq.ExecStatus.TUPLES_OK


def facts_of(connection: Any, sessions: DatabaseSessions | None) -> ConnectionFacts:  # noqa: ANN401 - any connection class
    """Returns where a connection leads, asked once; libpq knows, no server is asked."""
    known = connection.__dict__.get(FACTS)
    if isinstance(known, ConnectionFacts):
        return known
    if connection.closed:
        return NOWHERE
    info = connection.info
    session = None if sessions is None else guard.call(_SESSION, opened_session, sessions, connection)
    pid = None if session is not None and session.target.is_pooled else info.backend_pid or None
    facts = ConnectionFacts(SYSTEM, info.dbname, info.host, info.port, pid, session)
    connection.__dict__[FACTS] = facts
    return facts


def facts_of_conninfo(text: object, options: dict[str, object]) -> ConnectionFacts:
    """Returns where a connection string leads, for a connection that did not come about; never user or password."""
    told = {**(conninfo.conninfo_to_dict(text) if isinstance(text, str) else {}), **options}
    port = str(told.get("port", ""))
    number = int(port) if port.isascii() and port.isdigit() else None
    host, database = told.get("host") or told.get("hostaddr"), told.get("dbname")
    return ConnectionFacts(SYSTEM, str(database) if database else None, str(host) if host else None, number)


class TaskCall(DatabaseCall):
    """A call that may be awaited."""

    __slots__ = ()

    def of_task(self: Call) -> Call:  # noqa: PYI019 - Self is in typing from Python 3.11 on
        """Notes that a task waits, during which its thread goes about other things."""
        # The thread's line is that of whatever task is running: unknown is better than wrong.
        self.thread_id = 0
        return self


class PsycopgCall(TaskCall):
    """A call on a connection; in pipeline mode it goes on until its result has come.

    Args:
        recorder: takes the call.
        statement: what is run.
        session: the connection.
        cursor: whose result tells how many rows came back; None where that means nothing.
    """

    __slots__ = ("asked_by", "cursor", "has_many_results", "session", "waits_for_result")

    def __init__(self, recorder: CallRecorder, statement: StatementFacts, session: Any, cursor: Any = None) -> None:  # noqa: ANN401 - any connection and cursor class
        super().__init__(recorder, facts_of(session, recorder.sessions), statement)
        self.session = session
        self.cursor = cursor
        # For pipeline mode: whose result is waited for, and whether it is one of several.
        self.asked_by = cursor
        self.has_many_results = False
        self.waits_for_result = False
        session.__dict__[LAST_CALL] = self.began_ns

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is None and self.waits_for_result and self.session.pgconn.pipeline_status != _OFF:
            guard.call(_END, self._wait)
        else:
            self.end(None if kind in _NO_FAILURES else error)

    async def __aenter__(self) -> PsycopgCall:  # noqa: PYI034 - Self is in typing from Python 3.11 on
        return self.of_task()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, traceback)

    def _wait(self) -> None:
        # By the time of the end the caller's context may be another one.
        self.context = get_current()
        self.session.__dict__.setdefault(PENDING, []).append(self)

    def end(self, error: BaseException | None = None) -> None:
        """Ends the call; where upstream's instrumentation has made a span of it, no second one is made."""
        if UPSTREAM in sys.modules:
            guard.call(_END, self._look_for_upstream)
        super().end(error)
        if error is not None:
            guard.call(_END, self._look_for_an_end)

    def _look_for_an_end(self) -> None:
        """Notes a connection that is broken: thrown away it is no leak."""
        direct = self.session.__dict__.get(DIRECT)
        if direct is not None and self.session.closed:
            direct.closed(self.session)

    def _look_for_upstream(self) -> None:
        scope = getattr(trace.get_current_span(self.context), "instrumentation_scope", None)
        self.is_traced_elsewhere = scope is not None and scope.name == UPSTREAM

    def sent(self) -> SentStatement | None:
        """Returns what psycopg sent; of a batch, a pipeline and a COPY nobody can say which it was."""
        cursor = self.asked_by
        several = self.has_many_results or self.context is not None
        if cursor is None or several or self.session.info.encoding != "utf-8":
            return None
        return sent_by(cursor)

    def returned_rows(self) -> int | None:
        """Returns how many rows came back; what a statement without a result has in ``rowcount`` are affected rows."""
        result = None if self.cursor is None else self.cursor.pgresult
        if result is None or result.status != _TUPLES:
            return None
        return int(result.ntuples)

    def drop(self) -> None:
        """Forgets a call of which it turned out that the server was not asked."""
        self.recorder.in_flight.remove(self)


class StreamCall(PsycopgCall):
    """A stream of rows, timed only while the application waits for it."""

    __slots__ = ("_paused_ns", "rows")

    def __init__(self, recorder: CallRecorder, statement: StatementFacts, session: Any) -> None:  # noqa: ANN401 - any connection class
        super().__init__(recorder, statement, session)
        self.rows = 0
        self._paused_ns = 0

    def returned_rows(self) -> int:
        """Returns how many rows the application was given."""
        return self.rows

    def pause(self) -> None:
        """Stops the clock: the application has a row in its hands."""
        self.recorder.in_flight.remove(self)
        self.rows += 1
        self._paused_ns = time.perf_counter_ns()

    def resume(self) -> None:
        """Lets the clock go on."""
        if self._paused_ns:
            self.began_ns += time.perf_counter_ns() - self._paused_ns
            self._paused_ns = 0
            self.recorder.in_flight.add(self)

    def end(self, error: BaseException | None = None) -> None:
        """Ends the stream, also one whose application has stopped taking rows."""
        self.resume()
        super().end(error)


class ConnectCall(TaskCall):
    """The establishment of a connection."""

    __slots__ = ("_conninfo", "_options", "_sessions", "session")

    def __init__(self, recorder: CallRecorder, text: object, options: dict[str, Any]) -> None:
        super().__init__(recorder, NOWHERE, CONNECT)
        self._sessions = recorder.sessions
        self._conninfo = text
        self._options = options
        self.session: Any = None

    def end(self, error: BaseException | None = None) -> None:
        """Ends the call with the facts of the connection, or of its string where there is none."""
        self.connection = guard.call(_END, self._facts) or NOWHERE
        super().end(error)

    def _facts(self) -> ConnectionFacts:
        if self.session is not None:
            return facts_of(self.session, self._sessions)
        try:
            return facts_of_conninfo(self._conninfo, self._options)
        except ProgrammingError:
            # What is no connection string leads nowhere.
            return NOWHERE
