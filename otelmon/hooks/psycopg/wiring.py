"""Puts observed methods in the place of psycopg's.

The classes themselves are changed, not replaced: connections and cursors that exist already, and classes that an
application derives from them, are observed as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg

from otelmon.calls.recorder import CallRecorder
from otelmon.hooks.patching import patch, undo_all
from otelmon.hooks.psycopg import async_methods, connections, methods, pipeline
from otelmon.hooks.psycopg.watch import TWO_PHASE, PsycopgWatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from otelmon.hooks.psycopg.watch import Begin
    from otelmon.registry import HookRegistry

_FETCHES = ("fetchone", "fetchmany", "fetchall")


def install(registry: HookRegistry) -> Callable[[], None]:
    """Observes everything that runs from now on, and returns the undoing."""
    recorder = registry.calls
    if not isinstance(recorder, CallRecorder):
        return lambda: None
    watch = PsycopgWatch(recorder)

    def switch_off() -> None:
        watch.on = False

    return undo_all(
        [
            switch_off,
            *_synchronous(watch),
            *_asynchronous(watch),
            *pipeline.patches(),
            *connections.patches(watch, registry),
        ]
    )


def _synchronous(watch: PsycopgWatch) -> Iterator[Callable[[], None]]:
    cursor, server = psycopg.Cursor, psycopg.ServerCursor
    yield from _alike(watch, methods, cursor, server, psycopg.Connection)
    yield patch(server, "__next__", methods.around_next(server.__next__, watch.fetch))
    for name, begin in (("__enter__", watch.entering), ("__exit__", watch.leaving)):
        yield patch(psycopg.Transaction, name, methods.around(getattr(psycopg.Transaction, name), begin))
    # Bound to the class when psycopg was imported.
    yield patch(psycopg, "connect", psycopg.Connection.connect)


def _asynchronous(watch: PsycopgWatch) -> Iterator[Callable[[], None]]:
    cursor, server = psycopg.AsyncCursor, psycopg.AsyncServerCursor
    yield from _alike(watch, async_methods, cursor, server, psycopg.AsyncConnection)
    yield patch(server, "__anext__", async_methods.around_next(server.__anext__, watch.fetch))
    for name, begin in (("__aenter__", watch.entering), ("__aexit__", watch.leaving)):
        transaction = psycopg.AsyncTransaction
        yield patch(transaction, name, async_methods.around(getattr(transaction, name), begin))


def _alike(
    watch: PsycopgWatch, kind: ModuleType, cursor: type, server: type, connection: type
) -> Iterator[Callable[[], None]]:
    """Patches what synchronous and asynchronous classes have under the same names."""
    for owner, name, begin in _methods(watch, cursor, server, connection):
        yield patch(owner, name, kind.around(getattr(owner, name), begin))
    yield patch(cursor, "copy", kind.around_copy(vars(cursor)["copy"], watch.copy))
    yield patch(cursor, "stream", kind.around_stream(vars(cursor)["stream"], watch.stream))
    yield patch(connection, "connect", kind.around_connect(vars(connection)["connect"], watch))


def _methods(watch: PsycopgWatch, cursor: Any, server: Any, connection: Any) -> Iterator[tuple[Any, str, Begin]]:  # noqa: ANN401 - classes of either kind
    yield cursor, "execute", watch.execution
    yield cursor, "executemany", watch.batch
    yield server, "execute", watch.declaration
    for name in _FETCHES:
        yield server, name, watch.fetch
    yield server, "scroll", watch.move
    yield server, "close", watch.closing
    yield connection, "commit", watch.commit
    yield connection, "rollback", watch.rollback
    for name, statement in TWO_PHASE.items():
        yield connection, name, watch.two_phase(statement)
