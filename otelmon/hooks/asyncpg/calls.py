"""Calls of asyncpg, each with what is special at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from otelmon import guard
from otelmon.calls.database_call import DatabaseCall
from otelmon.hooks.asyncpg.sessions import NOWHERE, facts_of_arguments
from otelmon.hooks.asyncpg.statements import CONNECT
from otelmon.registry.sent_statement import SentStatement

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from otelmon.calls.caller import Caller
    from otelmon.calls.recorder import CallRecorder
    from otelmon.calls.statement_facts import StatementFacts
    from otelmon.hooks.asyncpg.sessions import Session, Sessions

_CONNECT = guard.site("hooks.asyncpg.connected")
# Of these an empty result means that nothing was found; others give an empty result when they return no rows at all.
_READING = frozenset(("SELECT", "VALUES", "SHOW", "FETCH"))


class SessionCall(DatabaseCall):
    """A call on a connection, which is busy with it; ``rows`` are those that came back, None where nobody can say."""

    __slots__ = ("_session", "rows", "text")

    def __init__(self, recorder: CallRecorder, statement: StatementFacts, session: Session) -> None:
        super().__init__(recorder, session.facts, statement)
        # The thread's line is that of whatever task is running: unknown is better than wrong.
        self.thread_id = 0
        self.rows: list[Any] | None = None
        # As it was given, for diagnostics.
        self.text: object = None
        self._session = session
        if session.running is None:
            # A second one at the same time is refused by asyncpg, and leaves the first one alone.
            session.running = self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        session = self._session
        if session.running is self:
            session.running = None
            session.is_composed = False
        # An iterator's end is no failure.
        self.end(None if kind is StopAsyncIteration else error)

    def sent(self) -> SentStatement | None:
        """Returns the statement as asyncpg prepared it; its arguments are not known in the server's form."""
        if not isinstance(self.text, str) or self.batch_size:
            return None
        return SentStatement(self.text.encode("utf-8", "replace"), is_prepared=True)

    def returned_rows(self) -> int | None:
        """Returns how many rows came back; None for statements that return none, as far as asyncpg tells."""
        rows = self.rows
        if rows is None:
            return None
        return len(rows) if rows or self.statement.operation in _READING else None


class PreparationCall(SessionCall):
    """The preparation of a statement that a library above prepares on its own account, to run it at once.

    It is the beginning of the next call, unless it fails: then the statement has failed.
    """

    __slots__ = ("_caller",)

    def __init__(self, recorder: CallRecorder, statement: StatementFacts, session: Session, caller: Caller) -> None:
        super().__init__(recorder, statement, session)
        self._caller = caller

    def end(self, error: BaseException | None = None) -> None:
        """Ends the call, or leaves its beginning to the next one."""
        if error is not None:
            super().end(error)
            return
        self.recorder.in_flight.remove(self)
        self._caller.began = self.began_ns


class ConnectCall(DatabaseCall):
    """The establishment of a connection."""

    __slots__ = ("_sessions", "_told", "made")

    def __init__(self, recorder: CallRecorder, sessions: Sessions, told: Mapping[str, Any]) -> None:
        super().__init__(recorder, NOWHERE, CONNECT)
        # As above.
        self.thread_id = 0
        self._sessions = sessions
        self._told = told
        self.made: Any = None

    def end(self, error: BaseException | None = None) -> None:
        """Ends the call with the facts of the connection, or of its arguments where there is none."""
        self.connection = guard.call(_CONNECT, self._facts) or NOWHERE
        super().end(error)

    def _facts(self) -> Any:  # noqa: ANN401 - ConnectionFacts, which mypy cannot tell past a connection of any class
        return facts_of_arguments(self._told) if self.made is None else self._sessions.of(self.made).facts
