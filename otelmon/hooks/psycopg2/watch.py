"""Begins calls of psycopg2 and makes the classes that report them."""

from __future__ import annotations

import functools
import types
from typing import TYPE_CHECKING

from psycopg2 import extensions

from otelmon.hooks.psycopg2.calls import RUNNING, ConnectCall, CursorCall, WaitingCall, facts_of
from otelmon.hooks.psycopg2.connections import CursorFactory, ObservedConnection, ObservedPlainConnection
from otelmon.hooks.psycopg2.cursors import ObservedCursor, ObservedNamedCursor
from otelmon.hooks.psycopg2.sessions import opened_session
from otelmon.hooks.psycopg2.statements import declaration, readable

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.calls.recorder import CallRecorder
    from otelmon.calls.statement_facts import StatementFacts
    from otelmon.hooks.direct_connection import DirectConnectionWatch
    from otelmon.registry.database_sessions import DatabaseSession

# Applications have a handful; one that makes a class per call makes them anew.
MOST_CLASSES = 256


class Psycopg2Watch:
    """Holds the classes of one installation; once it is off, its connections and cursors do as psycopg2's own."""

    def __init__(self, recorder: CallRecorder, direct: DirectConnectionWatch) -> None:
        self.on = True
        self._direct = direct
        self._recorder = recorder
        self.connection_class: Callable[[type], type] = functools.lru_cache(MOST_CLASSES)(self._connection_class)
        self.cursor_class: Callable[[type, bool], type] = functools.lru_cache(MOST_CLASSES)(self._cursor_class)
        # Of cursors without a name, by what the application asked for; None where no class can be put in.
        self.usual_cursor_class: Callable[[object], type | None] = functools.lru_cache(MOST_CLASSES)(self._usual)

    def session(self, connection: extensions.connection) -> DatabaseSession | None:
        """Begins what diagnostics remember of a connection, where they are on."""
        sessions = self._recorder.sessions
        return None if sessions is None else opened_session(sessions, connection)

    def _is_wanted(self) -> bool:
        return self.on and self._recorder.is_wanted()

    def statement(self, cursor: extensions.cursor, statement: object, *, with_rows: bool = True) -> CursorCall | None:
        """Begins a call of a cursor, or returns None where it is part of another one or not wanted.

        Args:
            cursor: the cursor.
            statement: as the application gave it.
            with_rows: whether the call can return rows.
        """
        recorder = self._recorder
        if RUNNING in cursor.__dict__ or not self.on or not recorder.is_wanted():
            return None
        text = statement if type(statement) is str else readable(statement)
        call = CursorCall(recorder, recorder.facts(text), cursor)
        if not with_rows:
            call.with_rows = False
        return call

    def execution(
        self, cursor: extensions.cursor, args: tuple[object, ...], options: dict[str, object]
    ) -> CursorCall | None:
        """Begins an ``execute``, which returns rows unless a named cursor declares itself."""
        recorder = self._recorder
        if RUNNING in cursor.__dict__ or not self.on:
            return None
        here = recorder.here()
        if not here.is_wanted:
            return None
        query = args[0] if args else options.get("query")
        named = cursor.name is not None
        text = declaration(query) if named else query if type(query) is str else readable(query)
        call = CursorCall(recorder, recorder.facts(text), cursor, here)
        if named:
            call.with_rows = False
        call.parameters = args[1] if len(args) > 1 else options.get("vars")
        return call

    def batch(self, cursor: extensions.cursor, query: object, sets: object) -> CursorCall | None:
        """Begins an ``executemany``."""
        call = self.statement(cursor, query, with_rows=False)
        if call is not None and isinstance(sets, (list, tuple)):
            call.batch_size = len(sets)
        return call

    def written(self, cursor: extensions.cursor, write: Callable[..., str], *facts: object) -> CursorCall | None:
        """Begins a call whose statement psycopg2 writes from what the application names."""
        return self.statement(cursor, write(*facts))

    def step(
        self, cursor: extensions.cursor, statement: StatementFacts, *, with_rows: bool = True
    ) -> CursorCall | None:
        """Begins a call of a named cursor whose statement psycopg2 writes itself."""
        if RUNNING in cursor.__dict__ or not self._is_wanted():
            return None
        call = CursorCall(self._recorder, statement, cursor)
        call.with_rows = with_rows
        return call

    def transaction(self, connection: extensions.connection, statement: StatementFacts) -> WaitingCall | None:
        """Begins a call of a connection; None where psycopg2 will not ask the server."""
        if not self._is_wanted():
            return None
        return WaitingCall(self._recorder, statement, connection)

    def connecting(self, dsn: object) -> ConnectCall | None:
        """Begins the establishment of a connection."""
        return ConnectCall(self._recorder, dsn) if self._is_wanted() else None

    def with_connection_class(
        self, args: tuple[object, ...], options: dict[str, object]
    ) -> tuple[tuple[object, ...], dict[str, object]] | None:
        """Returns the arguments of ``connect`` with the observed class; None where no class can be put in."""
        asked = args[1] if len(args) > 1 else options.get("connection_factory")
        factory = extensions.connection if asked is None else asked
        if not self.on or not isinstance(factory, type) or not issubclass(factory, extensions.connection):
            return None
        return _replaced(args, options, "connection_factory", self.connection_class(factory))

    def with_cursor_class(
        self, connection: extensions.connection, args: tuple[object, ...], options: dict[str, object]
    ) -> tuple[tuple[object, ...], dict[str, object]] | None:
        """Returns the arguments of ``cursor`` with the observed class; None where no class can be put in."""
        asked = args[1] if len(args) > 1 else options.get("cursor_factory")
        own: object = connection.cursor_factory
        factory = asked or own or extensions.cursor
        if not self.on or not isinstance(factory, type) or not issubclass(factory, extensions.cursor):
            return None
        named = (args[0] if args else options.get("name")) is not None
        return _replaced(args, options, "cursor_factory", self.cursor_class(factory, named))

    def adopt_connection(self, connection: object) -> None:
        """Makes an observed connection of one that came from a function."""
        if self.on and isinstance(connection, extensions.connection):
            _adopt(connection, self.connection_class(type(connection)))

    def adopt_cursor(self, cursor: object) -> None:
        """Makes an observed cursor of one that a connection class of the application made itself."""
        if self.on and isinstance(cursor, extensions.cursor):
            _adopt(cursor, self.cursor_class(type(cursor), cursor.name is not None))

    def opened(self, connection: object) -> None:
        """Notes a connection, whose end is seen where its class is observed."""
        if self._is_wanted() and isinstance(connection, ObservedConnection):
            self._direct.opened(connection, facts_of(connection))

    def closed(self, connection: object) -> None:
        """Notes that a connection was closed, or is found broken."""
        self._direct.closed(connection)

    def _connection_class(self, base: type) -> type:
        if issubclass(base, ObservedConnection):
            return base
        # Below the application's class, which calls up to choose the cursors' class.
        bases = (
            (ObservedPlainConnection, CursorFactory)
            if base is extensions.connection
            else (
                ObservedConnection,
                base,
                CursorFactory,
            )
        )
        return self._derived(base, bases)

    def _cursor_class(self, base: type, named: bool) -> type:
        if issubclass(base, ObservedCursor):
            return base
        return self._derived(base, (ObservedNamedCursor if named else ObservedCursor, base))

    def _usual(self, asked: object) -> type | None:
        factory = extensions.cursor if asked is None else asked
        if not isinstance(factory, type) or not issubclass(factory, extensions.cursor):
            return None
        return self.cursor_class(factory, False)

    def _derived(self, base: type, bases: tuple[type, ...]) -> type:
        own = {
            "__module__": base.__module__,
            "__qualname__": base.__qualname__,
            "__doc__": base.__doc__,
            "_otelmon_watch": self,
        }
        return types.new_class(base.__name__, bases, exec_body=lambda namespace: namespace.update(own))


def _replaced(
    args: tuple[object, ...], options: dict[str, object], name: str, value: type
) -> tuple[tuple[object, ...], dict[str, object]]:
    """Puts a class where the caller would have put it: in second position, or by name."""
    if len(args) > 1:
        return (args[0], value, *args[2:]), options
    return args, {**options, name: value}


def _adopt(instance: object, observed: type) -> None:
    if type(instance) is observed or observed.__base__ is not type(instance):
        return
    try:
        instance.__class__ = observed
    except TypeError:
        # Instances of psycopg2's own C classes cannot change theirs; they stay as they are.
        return
