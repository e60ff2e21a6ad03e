"""Finds out what slow calls wait for while they run, and which id the server gives their statements.

Every fact is of a server process, so it belongs to a call only if nothing else was on its connection: one call before
the server is asked, the same one afterwards, and a statement of the server's that is the call's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from otelmon.diagnostics.activity import Activity, activities
from otelmon.rules.server_text import runs_statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from opentelemetry.trace import SpanContext

    from otelmon.diagnostics.activity import Blocker
    from otelmon.diagnostics.links import Link
    from otelmon.diagnostics.worker import Worker
    from otelmon.records import SpanIdentity
    from otelmon.registry.database_sessions import DatabaseSession, DatabaseSessions, DatabaseTarget

    class Connection(Protocol):
        """Holds where a call goes."""

        @property
        def session(self) -> DatabaseSession | None:
            """Returns what is remembered of the connection, None where nothing is."""
            ...

    class Surroundings(Protocol):
        """What a context says."""

        within: SpanContext

    class Call(Protocol):
        """A call that is running, or was a moment ago."""

        thread_id: int
        elapsed_ns: int
        batch_size: int
        query_id: int

        @property
        def here(self) -> Surroundings:
            """Returns what the context says that the call began in."""
            ...

        @property
        def connection(self) -> Connection:
            """Returns where the call goes."""
            ...

        @property
        def name(self) -> str:
            """Returns the summary of its statement."""
            ...

    Line = tuple[str, str, int]


Attributes = dict[str, "str | int | float | bool"]
# Most server processes that one question names.
MOST_CALLS = 100
# An event waits so long for facts, and goes without them afterwards.
SECONDS_FOR_FACTS = 0.3


class RunningCalls:
    """Asks about calls that run for long.

    Args:
        sessions: knows the connections of this process by server process.
        worker: asks the server.
        running: returns the calls that run now.
        line_of_thread: returns function, file and line of the application that a thread is in.
    """

    def __init__(
        self,
        sessions: DatabaseSessions,
        worker: Worker,
        running: Callable[[], Sequence[Call]],
        line_of_thread: Callable[[int], Line | None],
    ) -> None:
        self._sessions = sessions
        self._worker = worker
        self._running = running
        self._line_of_thread = line_of_thread

    def look(self, calls: Sequence[Call], *, wait: bool) -> Mapping[int, Attributes]:
        """Asks about calls, and returns facts as attributes by the ``id`` of a call, as far as they have come.

        Args:
            calls: those to ask about; each gets its query id where it is certain.
            wait: whether to wait for the facts, at most 300 ms; else only the query ids are wanted.
        """
        facts: dict[int, Attributes] = {}
        for call in calls:
            session = call.connection.session
            if session is not None and session.target.is_pooled:
                facts[id(call)] = {"otelmon.db.pooler": True}
        asked = self._alone(calls)
        events = [
            self._worker.submit(target, self._question(target, those, facts)) for target, those in _by_target(asked)
        ]
        waiting = [event for event in events if event is not None]
        if wait:
            for event in waiting:
                event.wait(SECONDS_FOR_FACTS / len(waiting))
        return facts

    def _alone(self, calls: Iterable[Call]) -> list[Call]:
        """Returns the calls that are alone on their connections: of several, one waits for the other in the driver."""
        running = [id(each.connection.session) for each in self._running()]
        found = [each for each in calls if each.connection.session is not None]
        return [each for each in found if running.count(id(each.connection.session)) == 1][:MOST_CALLS]

    def _question(
        self, target: DatabaseTarget, calls: Sequence[Call], facts: dict[int, Attributes]
    ) -> Callable[[Link], None]:
        def ask(link: Link) -> None:
            sessions = {session.backend_pid: (session, call) for call in calls if (session := call.connection.session)}
            seen = activities(link, sessions)
            still = {id(each) for each in self._alone(self._running())}
            for pid, activity in seen.items():
                session, call = sessions[pid]
                if not _is_same(session, activity):
                    self._sessions.answered("other_socket")
                elif call.elapsed_ns == 0 and id(call) in still:
                    facts[id(call)] = self._told(target, call, activity)
            self._sessions.answered("activity")

        return ask

    def _told(self, target: DatabaseTarget, call: Call, activity: Activity) -> Attributes:
        query_id = _query_id(call, activity)
        if query_id is not None:
            call.query_id = query_id
        told = {
            "otelmon.db.state": activity.state,
            "otelmon.db.wait_event_type": activity.wait_event_type,
            "otelmon.db.wait_event": activity.wait_event,
            "otelmon.db.query_id": query_id,
            **self._blockers(target, activity.blockers),
        }
        return {key: value for key, value in told.items() if value is not None}

    def _blockers(self, target: DatabaseTarget, blockers: Sequence[Blocker]) -> dict[str, str | int | None]:
        """Returns who blocks; of several, the one that waits for nobody, and of those one of this process."""
        if not blockers:
            return {}
        known = [(each, self._sessions.of(target, each.pid)) for each in blockers]
        known.sort(key=lambda pair: (pair[0].waits, pair[1] is None))
        blocker, session = known[0]
        return {
            "otelmon.db.blocking_pids": ",".join(str(each.pid) for each in blockers),
            "otelmon.db.blocker.pid": blocker.pid,
            "otelmon.db.blocker.state": blocker.state,
            **(self._own_blocker(session) if session is not None else {}),
        }

    def _own_blocker(self, session: DatabaseSession) -> dict[str, str | int]:
        """Returns trace and line of a blocker of this process: of its running call, else of its last one."""
        call = next((each for each in self._running() if each.connection.session is session), None)
        if call is None:
            return _origin(session.last_span, session.last_line)
        return _origin(call.here.within, self._line_of_thread(call.thread_id))


def _by_target(calls: Iterable[Call]) -> Iterable[tuple[DatabaseTarget, list[Call]]]:
    targets: dict[int, tuple[DatabaseTarget, list[Call]]] = {}
    for call in calls:
        session = call.connection.session
        if session is not None and not session.target.is_pooled:
            targets.setdefault(id(session.target), (session.target, []))[1].append(call)
    return targets.values()


def _is_same(session: DatabaseSession, activity: Activity) -> bool:
    """Tells whether the server's process is the one at the other end: the port is that of the connection's own socket.

    Behind one name can be several servers, and each has a process of that number.
    """
    return activity.port == (-1 if session.local_port is None else session.local_port)


def _query_id(call: Call, activity: Activity) -> int | None:
    if activity.state != "active" or activity.text is None or call.batch_size:
        return None
    return activity.query_id if runs_statement(activity.text, call.name) else None


def _origin(span: SpanIdentity | None, line: Line | None) -> dict[str, str | int]:
    told: dict[str, str | int] = {}
    if span is not None and span.trace_id:
        told |= {
            "otelmon.db.blocker.trace_id": format(span.trace_id, "032x"),
            "otelmon.db.blocker.span_id": format(span.span_id, "016x"),
        }
    if line is not None:
        told |= zip(
            ("otelmon.db.blocker.function", "otelmon.db.blocker.file", "otelmon.db.blocker.line"), line, strict=True
        )
    return told
