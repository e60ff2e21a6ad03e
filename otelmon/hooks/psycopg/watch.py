"""Begins calls of psycopg: which there are, and where the server will not be asked.

Each function takes the object that a method was called on, its arguments, and its options by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg import pq

from otelmon.hooks.psycopg.calls import ConnectCall, PsycopgCall, StreamCall
from otelmon.hooks.psycopg.statements import (
    BEGIN,
    CLOSE,
    COMMIT,
    FETCH,
    MOVE,
    PREPARE,
    RELEASE,
    ROLLBACK,
    SAVEPOINT,
    declaration,
    readable,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.calls.recorder import CallRecorder
    from otelmon.calls.statement_facts import StatementFacts

    Begin = Callable[[Any, tuple[Any, ...], dict[str, Any]], PsycopgCall | None]
    Arguments = tuple[Any, ...]
    Options = dict[str, Any]

# In the instance dictionary of a transaction: whether it is one, or a savepoint.
_OUTER = "_otelmon_outer"
_IDLE, _SANE = pq.TransactionStatus.IDLE, (pq.TransactionStatus.IDLE, pq.TransactionStatus.INTRANS)
_OK = pq.ConnStatus.OK


def _given(args: Arguments, options: Options, position: int, name: str) -> Any:  # noqa: ANN401 - an application's argument
    return args[position] if len(args) > position else options.get(name)


class PsycopgWatch:
    """Begins the calls of one installation; once it is off, psycopg's methods do as before."""

    def __init__(self, recorder: CallRecorder) -> None:
        self.on = True
        self._recorder = recorder

    def is_wanted(self) -> bool:
        """Tells whether calls are to be observed here and now."""
        return self.on and self._recorder.is_wanted()

    def execution(self, cursor: Any, args: Arguments, options: Options) -> PsycopgCall | None:  # noqa: ANN401 - any cursor
        """Begins ``execute``."""
        call = self._of_cursor(cursor, readable(_given(args, options, 0, "query")), with_rows=True)
        if call is not None:
            call.parameters = _given(args, options, 1, "params")
        return call

    def declaration(self, cursor: Any, args: Arguments, options: Options) -> PsycopgCall | None:  # noqa: ANN401 - any cursor
        """Begins ``execute`` of a server-side cursor, which returns no rows yet."""
        call = self._of_cursor(cursor, declaration(_given(args, options, 0, "query")), with_rows=False)
        if call is not None:
            call.parameters = _given(args, options, 1, "params")
        return call

    def batch(self, cursor: Any, args: Arguments, options: Options) -> PsycopgCall | None:  # noqa: ANN401 - any cursor
        """Begins ``executemany``."""
        call = self._of_cursor(cursor, readable(_given(args, options, 0, "query")), with_rows=False)
        sets = _given(args, options, 1, "params_seq")
        if call is not None:
            call.has_many_results = True
            call.batch_size = len(sets) if isinstance(sets, (list, tuple)) else 0
        return call

    def copy(self, cursor: Any, args: Arguments, options: Options) -> PsycopgCall | None:  # noqa: ANN401 - any cursor
        """Begins a COPY, which ends with its block."""
        return self._of_cursor(cursor, readable(_given(args, options, 0, "statement")), with_rows=False)

    def stream(self, cursor: Any, args: Arguments, options: Options) -> StreamCall | None:  # noqa: ANN401 - any cursor
        """Begins a stream."""
        if not self.is_wanted():
            return None
        facts = self._recorder.facts(readable(_given(args, options, 0, "query")))
        return StreamCall(self._recorder, facts, cursor.connection)

    def _of_cursor(self, cursor: Any, statement: object, *, with_rows: bool) -> PsycopgCall | None:  # noqa: ANN401 - any cursor
        if not self.is_wanted():
            return None
        facts = self._recorder.facts(statement)
        call = PsycopgCall(self._recorder, facts, cursor.connection, cursor if with_rows else None)
        call.asked_by = cursor
        call.waits_for_result = True
        return call

    def fetch(self, cursor: Any, _args: Arguments, _options: Options) -> PsycopgCall | None:  # noqa: ANN401 - any cursor
        """Begins a FETCH of a server-side cursor."""
        return PsycopgCall(self._recorder, FETCH, cursor.connection, cursor) if self.is_wanted() else None

    def move(self, cursor: Any, _args: Arguments, _options: Options) -> PsycopgCall | None:  # noqa: ANN401 - any cursor
        """Begins a MOVE of a server-side cursor."""
        return self._of_connection(cursor.connection, MOVE)

    def closing(self, cursor: Any, _args: Arguments, _options: Options) -> PsycopgCall | None:  # noqa: ANN401 - any cursor
        """Begins the end of a server-side cursor; None where it is gone with its transaction."""
        connection = cursor.connection
        if cursor.closed or connection.closed:
            return None
        status = connection.pgconn.transaction_status
        if status not in _SANE or (status == _IDLE and not cursor.withhold):
            return None
        return self._of_connection(connection, CLOSE)

    def commit(self, connection: Any, _args: Arguments, _options: Options) -> PsycopgCall | None:  # noqa: ANN401 - any connection
        """Begins a COMMIT; None where no transaction is open."""
        return self._ending(connection, COMMIT)

    def rollback(self, connection: Any, _args: Arguments, _options: Options) -> PsycopgCall | None:  # noqa: ANN401 - any connection
        """Begins a ROLLBACK; None where no transaction is open."""
        return self._ending(connection, ROLLBACK)

    def _ending(self, connection: Any, statement: StatementFacts) -> PsycopgCall | None:  # noqa: ANN401 - any connection
        pgconn = connection.pgconn
        # In pipeline mode the status is that of what has been answered; more may be on its way.
        if pgconn.transaction_status == _IDLE and not pgconn.pipeline_status:
            return None
        return self._of_connection(connection, statement)

    def two_phase(self, statement: StatementFacts) -> Begin:
        """Returns what begins a call of two-phase commit."""

        def begin(connection: Any, _args: Arguments, _options: Options) -> PsycopgCall | None:  # noqa: ANN401 - any connection
            return self._of_connection(connection, statement)

        return begin

    def entering(self, transaction: Any, _args: Arguments, _options: Options) -> PsycopgCall | None:  # noqa: ANN401 - any transaction
        """Begins the beginning of a transaction, or of a savepoint in one."""
        connection = transaction.connection
        outer = transaction.__dict__[_OUTER] = connection.pgconn.transaction_status == _IDLE
        return self._queued(connection, BEGIN if outer else SAVEPOINT)

    def leaving(self, transaction: Any, args: Arguments, _options: Options) -> PsycopgCall | None:  # noqa: ANN401 - any transaction
        """Begins the end of a transaction, or of a savepoint in one; None where the connection is broken."""
        connection = transaction.connection
        if connection.pgconn.status != _OK:
            return None
        failed = transaction.force_rollback or any(args)
        kept = COMMIT if transaction.__dict__.get(_OUTER, True) else RELEASE
        return self._queued(connection, ROLLBACK if failed else kept)

    def _queued(self, connection: Any, statement: StatementFacts) -> PsycopgCall | None:  # noqa: ANN401 - any connection
        call = self._of_connection(connection, statement)
        if call is not None:
            call.waits_for_result = True
        return call

    def _of_connection(self, connection: Any, statement: StatementFacts) -> PsycopgCall | None:  # noqa: ANN401 - any connection
        return PsycopgCall(self._recorder, statement, connection) if self.is_wanted() else None

    def connecting(self, args: Arguments, options: Options) -> ConnectCall | None:
        """Begins the establishment of a connection."""
        if not self.is_wanted():
            return None
        return ConnectCall(self._recorder, _given(args, options, 0, "conninfo"), options)


TWO_PHASE = {"tpc_begin": BEGIN, "tpc_prepare": PREPARE, "tpc_commit": COMMIT, "tpc_rollback": ROLLBACK}
