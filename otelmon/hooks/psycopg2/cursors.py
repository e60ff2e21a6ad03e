"""What stands in front of a cursor's own methods.

Each method hands its arguments on as they came, so that results, errors and their texts stay psycopg2's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg2.extensions import TRANSACTION_STATUS_INERROR, TRANSACTION_STATUS_UNKNOWN

from otelmon import guard
from otelmon.hooks.psycopg2.calls import observed
from otelmon.hooks.psycopg2.statements import CLOSE, FETCH, MOVE, copy, given, procedure

if TYPE_CHECKING:
    from psycopg2.extensions import cursor as Base  # noqa: N812 - psycopg2 writes its classes in lower case

    from otelmon.hooks.psycopg2.calls import CursorCall
    from otelmon.hooks.psycopg2.watch import Psycopg2Watch
else:
    Base = object

_BEGIN = guard.site("hooks.psycopg2.cursor")
_NO_CURSOR_LEFT = (TRANSACTION_STATUS_UNKNOWN, TRANSACTION_STATUS_INERROR)


class ObservedCursor(Base):
    """Observes the ways of a cursor to run SQL; psycopg2's C code does not call one through another."""

    __slots__ = ()
    _otelmon_watch: Psycopg2Watch

    def execute(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - psycopg2's own signature
        """Runs a statement; a named cursor declares itself for it."""
        call = guard.call(_BEGIN, self._otelmon_watch.execution, self, args, options)
        if call is None:
            return super().execute(*args, **options)
        # Not through ``observed``: what every query passes has no step too many.
        with call:
            return super().execute(*args, **options)

    def executemany(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - psycopg2's own signature
        """Runs a statement once for each set of parameters."""
        query, sets = given(args, options, 0, "query"), given(args, options, 1, "vars_list")
        call = guard.call(_BEGIN, self._otelmon_watch.batch, self, query, sets)
        return observed(call, super().executemany, args, options)

    def callproc(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - psycopg2's own signature
        """Calls a function of the database."""
        name = given(args, options, 0, "procname")
        call = guard.call(_BEGIN, self._otelmon_watch.written, self, procedure, name)
        return observed(call, super().callproc, args, options)

    def copy_expert(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - psycopg2's own signature
        """Runs a COPY statement."""
        call = guard.call(_BEGIN, self._otelmon_watch.statement, self, given(args, options, 0, "sql"))
        return observed(call, super().copy_expert, args, options)

    def copy_from(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - psycopg2's own signature
        """Copies a file into a table."""
        call = guard.call(
            _BEGIN, self._otelmon_watch.written, self, copy, given(args, options, 1, "table"), "FROM STDIN"
        )
        return observed(call, super().copy_from, args, options)

    def copy_to(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - psycopg2's own signature
        """Copies a table into a file."""
        call = guard.call(
            _BEGIN, self._otelmon_watch.written, self, copy, given(args, options, 1, "table"), "TO STDOUT"
        )
        return observed(call, super().copy_to, args, options)


class ObservedNamedCursor(ObservedCursor):
    """Observes a server-side cursor, whose every fetch asks the server."""

    __slots__ = ()

    def fetchone(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - psycopg2's own signature
        """Fetches one row."""
        call = guard.call(_BEGIN, self._otelmon_watch.step, self, FETCH)
        return observed(call, super().fetchone, args, options)

    def fetchmany(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - psycopg2's own signature
        """Fetches some rows."""
        call = guard.call(_BEGIN, self._otelmon_watch.step, self, FETCH)
        return observed(call, super().fetchmany, args, options)

    def fetchall(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - psycopg2's own signature
        """Fetches the remaining rows."""
        call = guard.call(_BEGIN, self._otelmon_watch.step, self, FETCH)
        return observed(call, super().fetchall, args, options)

    def __next__(self) -> Any:  # noqa: ANN401 - psycopg2's own signature
        """Returns the next row; ``itersize`` of them come with one fetch."""
        if 0 <= self.rownumber < self.rowcount:
            return super().__next__()
        call = guard.call(_BEGIN, self._otelmon_watch.step, self, FETCH)
        return observed(call, super().__next__, (), {})

    def scroll(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - psycopg2's own signature
        """Moves the cursor."""
        call = guard.call(_BEGIN, self._otelmon_watch.step, self, MOVE, with_rows=False)
        return observed(call, super().scroll, args, options)

    def close(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - psycopg2's own signature
        """Closes the cursor, on the server too where it is still there."""
        call = guard.call(_BEGIN, self._otelmon_closing)
        return observed(call, super().close, args, options)

    def _otelmon_closing(self) -> CursorCall | None:
        """Begins the end of the cursor, or returns None where the server will not be asked."""
        if self.closed or self.query is None or self.connection.info.transaction_status in _NO_CURSOR_LEFT:
            return None
        return self._otelmon_watch.step(self, CLOSE, with_rows=False)
