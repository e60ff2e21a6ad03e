"""Calls of psycopg2, each with what is special at its end."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from opentelemetry import context
from psycopg2.extensions import POLL_OK, parse_dsn

from otelmon import guard
from otelmon.calls.connection_facts import ConnectionFacts
from otelmon.calls.database_call import DatabaseCall
from otelmon.hooks.psycopg2.sessions import is_utf8
from otelmon.hooks.psycopg2.statements import CONNECT
from otelmon.hooks.watched_connection import LAST_CALL
from otelmon.registry.sent_statement import SentStatement

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from psycopg2.extensions import connection as Connection  # noqa: N812 - psycopg2 writes its classes in lower case
    from psycopg2.extensions import cursor as Cursor  # noqa: N812

    from otelmon.calls.current_context import Surroundings
    from otelmon.calls.recorder import CallRecorder
    from otelmon.calls.statement_facts import StatementFacts

SYSTEM = "postgresql"
# Names in the instance dictionaries of observed connections and cursors.
FACTS, PENDING, RUNNING = "_otelmon_facts", "_otelmon_pending", "_otelmon_running"
_CONNECT = guard.site("hooks.psycopg2.connected")
_CLOSED = guard.site("hooks.psycopg2.closed")
_SESSION = guard.site("hooks.psycopg2.session")
_CONNECTION_OK = 0
_NOWHERE = ConnectionFacts(SYSTEM)


def facts_of(connection: Connection) -> ConnectionFacts:
    """Returns where a connection leads, asked once it is established; libpq knows, no server is asked."""
    # A connection whose class could not be replaced has no dictionary; it is then asked each time.
    kept = getattr(connection, "__dict__", {})
    known = kept.get(FACTS)
    if isinstance(known, ConnectionFacts):
        return known
    info = connection.info
    is_open = info.status == _CONNECTION_OK
    watch = getattr(connection, "_otelmon_watch", None) if is_open else None
    session = guard.call(_SESSION, watch.session, connection) if watch is not None else None
    pid = None if session is not None and session.target.is_pooled else info.backend_pid or None
    facts = ConnectionFacts(SYSTEM, info.dbname, info.host, info.port, pid, session)
    if is_open:
        kept[FACTS] = facts
    return facts


def facts_of_dsn(dsn: object) -> ConnectionFacts:
    """Returns where a connection string leads, for a connection that did not come about; never user or password."""
    told = parse_dsn(dsn) if isinstance(dsn, str) else {}
    port = str(told.get("port", ""))
    number = int(port) if port.isascii() and port.isdigit() else None
    return ConnectionFacts(SYSTEM, told.get("dbname"), told.get("host") or told.get("hostaddr"), number)


def observed(call: DatabaseCall | None, function: Callable[..., Any], args: Any, options: Any) -> Any:  # noqa: ANN401 - psycopg2's own arguments
    """Calls one of psycopg2's functions inside its observation, where there is one."""
    if call is None:
        return function(*args, **options)
    with call:
        return function(*args, **options)


def _closed(session: Connection) -> None:
    watch = getattr(session, "_otelmon_watch", None)
    if watch is not None:
        watch.closed(session)


class WaitingCall(DatabaseCall):
    """A call that on an asynchronous connection goes on until ``poll`` has seen its end."""

    def __init__(self, recorder: CallRecorder, statement: StatementFacts, session: Connection | None) -> None:
        super().__init__(recorder, _NOWHERE if session is None else facts_of(session), statement)
        self.session = session
        if session is not None:
            session.__dict__[LAST_CALL] = self.began_ns

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        session = self.session
        if error is not None:
            # An iterator's end is no failure.
            self.end(None if kind is StopIteration else error)
            if session is not None and session.closed:
                # Broken, and no leak when it is thrown away.
                guard.call(_CLOSED, _closed, session)
        elif session is not None and session.async_:
            self.wait()
            session.__dict__[PENDING] = self
        else:
            self.end()

    def wait(self) -> None:
        """Lets the connection go: what keeps it alive, and what its end shows, is the application's alone."""
        # By the time of the end the caller's context may be another one.
        self.context = context.get_current()
        self.session = None


class CursorCall(WaitingCall):
    """A call of a cursor, which is marked as running, so that a call made of calls of its own counts once."""

    with_rows = True
    _waiting: weakref.ref[Cursor] | None = None

    def __init__(
        self, recorder: CallRecorder, statement: StatementFacts, cursor: Cursor, here: Surroundings | None = None
    ) -> None:
        # Not by the class between: every query passes here.
        session: Connection = cursor.connection
        DatabaseCall.__init__(self, recorder, facts_of(session), statement, here)
        self.session = session
        self._cursor: Cursor | None = cursor
        cursor.__dict__[RUNNING] = self
        session.__dict__[LAST_CALL] = self.began_ns

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._cursor is not None:
            self._cursor.__dict__.pop(RUNNING, None)
        session = self.session
        if error is None and session is not None and not session.async_:
            self.end()
        else:
            super().__exit__(kind, error, traceback)

    def wait(self) -> None:
        """Keeps no more than a weak reference to the cursor."""
        super().wait()
        if self._cursor is not None:
            self._waiting = weakref.ref(self._cursor)
            self._cursor = None

    def _observed(self) -> Cursor | None:
        return self._cursor if self._waiting is None else self._waiting()

    def sent(self) -> SentStatement | None:
        """Returns what psycopg2 wrote for the server, literals included; of a batch that is its last statement only."""
        cursor = self._observed()
        if cursor is None or self.batch_size or cursor.name is not None or not is_utf8(cursor):
            return None
        query: object = cursor.query
        return SentStatement(query) if isinstance(query, bytes) else None

    def returned_rows(self) -> int | None:
        """Returns how many rows came back; what a statement without a result has in ``rowcount`` are affected rows."""
        cursor = self._observed()
        if cursor is None or not self.with_rows or cursor.description is None or cursor.rowcount < 0:
            return None
        return cursor.rowcount


class ConnectCall(WaitingCall):
    """The establishment of a connection."""

    def __init__(self, recorder: CallRecorder, dsn: object) -> None:
        super().__init__(recorder, CONNECT, None)
        self._dsn = dsn

    def end(self, error: BaseException | None = None) -> None:
        """Ends the call with the facts of the connection, or of its string where there is none."""
        self.connection = guard.call(_CONNECT, self._facts, error) or _NOWHERE
        super().end(error)

    def _facts(self, error: BaseException | None) -> ConnectionFacts:
        if self.session is None or error is not None:
            return facts_of_dsn(self._dsn)
        return facts_of(self.session)


class Poll:
    """A block around one ``poll``: it ends the call that was waiting for it, if that is over."""

    __slots__ = ("_pending", "_session", "state")

    def __init__(self, session: Connection, pending: WaitingCall) -> None:
        self._session = session
        self._pending = pending
        self.state: Any = None

    def __enter__(self) -> Poll:  # noqa: PYI034 - Self is in typing from Python 3.11 on
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if (error is not None or self.state == POLL_OK) and self._session.__dict__.pop(PENDING, None) is self._pending:
            self._pending.session = self._session
            self._pending.end(error)
