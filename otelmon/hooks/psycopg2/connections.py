"""What stands in front of a connection's own methods, and chooses the class of its cursors.

``commit`` and ``rollback`` are observed where a transaction is open: elsewhere psycopg2 does not ask the server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg2.extensions import STATUS_BEGIN, connection

from otelmon import guard
from otelmon.hooks.psycopg2.calls import PENDING, Poll, observed
from otelmon.hooks.psycopg2.statements import BEGIN, COMMIT, PREPARE, RESET, ROLLBACK

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Base  # noqa: N812 - psycopg2 writes its classes in lower case

    from otelmon.hooks.psycopg2.watch import Psycopg2Watch
else:
    Base = object

_BEGIN = guard.site("hooks.psycopg2.connection")
_CLOSED = guard.site("hooks.psycopg2.closed")
_CURSOR = guard.site("hooks.psycopg2.cursor_class")
_FACTORY = frozenset({"cursor_factory"})


class ObservedConnection(Base):
    """Stands in front of every class, an application's included."""

    __slots__ = ()
    _otelmon_watch: Psycopg2Watch

    def cursor(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - psycopg2's own signature
        """Returns a cursor, an observed one also where the application's class did not ask ``CursorFactory``."""
        made = super().cursor(*args, **options)
        guard.call(_CURSOR, self._otelmon_watch.adopt_cursor, made)
        return made

    def commit(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - psycopg2's own signature
        """Commits."""
        call = (
            guard.call(_BEGIN, self._otelmon_watch.transaction, self, COMMIT) if self.status == STATUS_BEGIN else None
        )
        return observed(call, super().commit, args, options)

    def rollback(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - psycopg2's own signature
        """Rolls back."""
        call = (
            guard.call(_BEGIN, self._otelmon_watch.transaction, self, ROLLBACK) if self.status == STATUS_BEGIN else None
        )
        return observed(call, super().rollback, args, options)

    def reset(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - psycopg2's own signature
        """Brings the session back to its defaults."""
        call = guard.call(_BEGIN, self._otelmon_watch.transaction, self, RESET)
        return observed(call, super().reset, args, options)

    def tpc_begin(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - psycopg2's own signature
        """Begins a two-phase transaction."""
        call = guard.call(_BEGIN, self._otelmon_watch.transaction, self, BEGIN)
        return observed(call, super().tpc_begin, args, options)

    def tpc_prepare(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - psycopg2's own signature
        """Prepares a two-phase transaction."""
        call = guard.call(_BEGIN, self._otelmon_watch.transaction, self, PREPARE)
        return observed(call, super().tpc_prepare, args, options)

    def tpc_commit(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - psycopg2's own signature
        """Commits a two-phase transaction."""
        call = guard.call(_BEGIN, self._otelmon_watch.transaction, self, COMMIT)
        return observed(call, super().tpc_commit, args, options)

    def tpc_rollback(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - psycopg2's own signature
        """Rolls a two-phase transaction back."""
        call = guard.call(_BEGIN, self._otelmon_watch.transaction, self, ROLLBACK)
        return observed(call, super().tpc_rollback, args, options)

    def close(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - psycopg2's own signature
        """Closes the connection."""
        guard.call(_CLOSED, self._otelmon_watch.closed, self)
        return super().close(*args, **options)

    def poll(self) -> Any:  # noqa: ANN401 - psycopg2's own signature
        """Goes on with what an asynchronous connection is doing."""
        pending = self.__dict__.get(PENDING)
        if pending is None:
            return super().poll()
        with Poll(self, pending) as poll:
            poll.state = super().poll()
        return poll.state


class ObservedPlainConnection(ObservedConnection):
    """Stands in front of psycopg2's own class: nobody else has a say in its cursors, so that one look is enough."""

    __slots__ = ()

    def cursor(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - psycopg2's own signature
        """Returns a cursor of an observed class derived from the one asked for."""
        chosen, watch = None, self._otelmon_watch
        if watch.on and not args and options.keys() <= _FACTORY:
            asked = options.get("cursor_factory") or self.cursor_factory
            chosen = guard.call(_CURSOR, watch.usual_cursor_class, asked)
        if chosen is None:
            return super().cursor(*args, **options)
        return connection.cursor(self, cursor_factory=chosen)


class CursorFactory(connection):
    """Stands between an application's class and psycopg2's, where every request for a cursor arrives."""

    _otelmon_watch: Psycopg2Watch

    def cursor(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - psycopg2's own signature
        """Returns a cursor of an observed class derived from the one asked for."""
        chosen = guard.call(_CURSOR, self._otelmon_watch.with_cursor_class, self, args, options)
        args, options = chosen or (args, options)
        return super().cursor(*args, **options)
