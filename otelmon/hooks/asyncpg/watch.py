"""Begins calls of asyncpg."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from otelmon.calls.caller import calling
from otelmon.hooks.asyncpg.calls import ConnectCall, PreparationCall, SessionCall
from otelmon.hooks.asyncpg.fields import connection_of, is_exhausted, query_of
from otelmon.hooks.asyncpg.sessions import SESSIONS
from otelmon.hooks.asyncpg.statements import DISCONNECT, RESET, copied_query, copied_table, step_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.calls.recorder import CallRecorder
    from otelmon.calls.statement_facts import StatementFacts

Args = tuple[Any, ...]
Options = dict[str, Any]
_REMEMBERED = 512
_LONGEST_REMEMBERED = 2048


def given(args: Args, options: Options, position: int, name: str) -> object:
    """Returns an argument that may come by position or by name, None where it is missing."""
    return args[position] if len(args) > position else options.get(name)


class AsyncpgWatch:
    """Begins a call for each method, or returns None where it is part of another one or not wanted.

    Each method takes what the observed one was given: the instance, the arguments by position and those by name.
    """

    def __init__(self, recorder: CallRecorder) -> None:
        self.on = True
        self.sessions = SESSIONS
        SESSIONS.attach(recorder.sessions)
        self._recorder = recorder
        self._remembered_step: Callable[[str, str], StatementFacts] = functools.lru_cache(_REMEMBERED)(self._step)

    def _step(self, verb: str, query: object) -> StatementFacts:
        return step_of(verb, self._recorder.facts(query))

    def _step_of(self, verb: str, query: object) -> StatementFacts:
        """Returns the facts of one step of a statement, written down once for a text that may come again."""
        if type(query) is str and len(query) <= _LONGEST_REMEMBERED:
            return self._remembered_step(verb, query)
        return self._step(verb, query)

    def is_wanted(self) -> bool:
        """Tells whether calls are to be observed here and now."""
        return self.on and self._recorder.is_wanted()

    def _call(self, connection: Any, statement: StatementFacts) -> SessionCall | None:  # noqa: ANN401 - any connection class
        session = self.sessions.of(connection)
        return None if session.is_composed else SessionCall(self._recorder, statement, session)

    def _told(self, connection: Any, query: object) -> SessionCall | None:  # noqa: ANN401 - any connection class
        call = self._call(connection, self._recorder.facts(query))
        if call is not None:
            call.text = query
        return call

    def statement(self, connection: Any, args: Args, options: Options) -> SessionCall | None:  # noqa: ANN401 - any connection class
        """Begins a method of a connection that is given the statement."""
        if not self.is_wanted():
            return None
        call = self._told(connection, given(args, options, 0, "query"))
        if call is not None:
            call.parameters = args[1:]
        return call

    def fetching_many(self, connection: Any, args: Args, options: Options) -> SessionCall | None:  # noqa: ANN401 - any connection class
        """Begins a statement that is run once for each set of arguments, whose rows come back."""
        return _batch(self.statement(connection, args, options), given(args, options, 1, "args"))

    def many(self, connection: Any, args: Args, options: Options) -> SessionCall | None:  # noqa: ANN401 - any connection class
        """Begins an ``executemany``, which names its statement otherwise."""
        command = {"query": given(args, options, 0, "command")}
        return _batch(self.statement(connection, (), command), given(args, options, 1, "args"))

    def preparation(self, connection: Any, args: Args, options: Options) -> SessionCall | None:  # noqa: ANN401 - any connection class
        """Begins the preparation of a statement."""
        if not self.is_wanted():
            return None
        query, caller = given(args, options, 0, "query"), calling.get()
        if caller is None:
            return self._call(connection, self._step_of("PREPARE", query))
        session = self.sessions.of(connection)
        return (
            None
            if session.is_composed
            else PreparationCall(self._recorder, self._recorder.facts(query), session, caller)
        )

    def reset(self, connection: Any, _: Args, __: Options) -> SessionCall | None:  # noqa: ANN401 - any connection class
        """Begins a reset, which asyncpg makes of statements."""
        return self._composed(connection, RESET)

    def disconnection(self, connection: Any, _: Args, __: Options) -> SessionCall | None:  # noqa: ANN401 - any connection class
        """Begins the end of a connection, unless it has ended."""
        return None if connection.is_closed() or not self.is_wanted() else self._call(connection, DISCONNECT)

    def copy_from_table(self, connection: Any, args: Args, options: Options) -> SessionCall | None:  # noqa: ANN401 - any connection class
        """Begins a COPY out of a table."""
        statement = copied_table(options, given(args, options, 0, "table_name"), "TO STDOUT")
        return self._composed(connection, self._recorder.facts(statement))

    def copy_from_query(self, connection: Any, args: Args, options: Options) -> SessionCall | None:  # noqa: ANN401 - any connection class
        """Begins a COPY of a query, for whose arguments asyncpg asks the server first."""
        return self._composed(connection, self._recorder.facts(copied_query(given(args, options, 0, "query"))))

    def copy_to_table(self, connection: Any, args: Args, options: Options) -> SessionCall | None:  # noqa: ANN401 - any connection class
        """Begins a COPY into a table."""
        statement = copied_table(options, given(args, options, 0, "table_name"), "FROM STDIN")
        return self._composed(connection, self._recorder.facts(statement))

    def _composed(self, connection: Any, statement: StatementFacts) -> SessionCall | None:  # noqa: ANN401 - any connection class
        call = self._call(connection, statement) if self.is_wanted() else None
        if call is not None:
            self.sessions.of(connection).is_composed = True
        return call

    def prepared(self, statement: Any, _: Args, __: Options) -> SessionCall | None:  # noqa: ANN401 - asyncpg's class
        """Begins a method of a prepared statement."""
        if not self.is_wanted():
            return None
        return _continued(self._told(connection_of(statement), query_of(statement)))

    def prepared_many(self, statement: Any, args: Args, options: Options) -> SessionCall | None:  # noqa: ANN401 - asyncpg's class
        """Begins a prepared statement that is run once for each set of arguments."""
        return _batch(self.prepared(statement, args, options), given(args, options, 0, "args"))

    def declaration(self, cursor: Any, _: Args, __: Options) -> SessionCall | None:  # noqa: ANN401 - asyncpg's class
        """Begins the opening of a cursor."""
        return _continued(self._cursor_step("DECLARE", cursor))

    def fetch(self, cursor: Any, _: Args, __: Options) -> SessionCall | None:  # noqa: ANN401 - asyncpg's class
        """Begins a fetch from a cursor; None from one that has come to its end, which asks the server no more."""
        return None if is_exhausted(cursor) else self._cursor_step("FETCH", cursor)

    def move(self, cursor: Any, _: Args, __: Options) -> SessionCall | None:  # noqa: ANN401 - asyncpg's class
        """Begins a move of a cursor."""
        return self._cursor_step("MOVE", cursor)

    def _cursor_step(self, verb: str, cursor: Any) -> SessionCall | None:  # noqa: ANN401 - asyncpg's class
        if not self.is_wanted():
            return None
        return self._call(connection_of(cursor), self._step_of(verb, query_of(cursor)))

    def connecting(self, _: object, args: Args, options: Options) -> ConnectCall | None:
        """Begins the establishment of a connection."""
        if not self.is_wanted():
            return None
        return ConnectCall(self._recorder, self.sessions, {"dsn": given(args, options, 0, "dsn"), **options})


def _continued(call: SessionCall | None) -> SessionCall | None:
    """Lets a call begin where the preparation of its statement began, if a library above had it prepared for this."""
    caller = calling.get()
    if call is not None and caller is not None and caller.began is not None:
        call.began_ns = caller.began
        caller.began = None
    return call


def _batch(call: SessionCall | None, sets: object) -> SessionCall | None:
    if call is not None and isinstance(sets, (list, tuple)):
        call.batch_size = len(sets)
    return call
