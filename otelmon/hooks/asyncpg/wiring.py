"""Puts observed methods into asyncpg's classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import asyncpg  # type: ignore[import-untyped]  # it has no py.typed
from asyncpg import connect_utils, connection, cursor, prepared_stmt

from otelmon.calls.recorder import CallRecorder
from otelmon.hooks.asyncpg import methods
from otelmon.hooks.asyncpg.watch import AsyncpgWatch
from otelmon.hooks.patching import patch, undo_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from otelmon.registry import HookRegistry

# The coroutine function below ``connect``: a ``connect`` that was imported before looks it up at every call.
_BELOW = "_connect"


def install(registry: HookRegistry) -> Callable[[], None]:
    """Observes asyncpg's calls from now on, and returns the undoing."""
    recorder = registry.calls
    if not isinstance(recorder, CallRecorder):
        return lambda: None
    watch = AsyncpgWatch(recorder)

    def switch_off() -> None:
        watch.on = False

    return undo_all([switch_off, *_connects(watch), *_connections(watch), *_resources(watch)])


def _connects(watch: AsyncpgWatch) -> Iterator[Callable[[], None]]:
    outer = methods.of_connect(connection.connect, watch.connecting)
    # Both names of the same function.
    for module in (asyncpg, connection):
        yield patch(module, "connect", outer)
    if hasattr(connect_utils, _BELOW):
        yield patch(connect_utils, _BELOW, methods.of_connect(getattr(connect_utils, _BELOW), watch.connecting))


def _connections(watch: AsyncpgWatch) -> Iterator[Callable[[], None]]:
    owner: Any = connection.Connection
    observed = {
        "execute": (watch.statement, methods.no_rows),
        "executemany": (watch.many, methods.no_rows),
        "fetch": (watch.statement, methods.all_rows),
        "fetchmany": (watch.fetching_many, methods.all_rows),
        "fetchrow": (watch.statement, methods.one_row),
        "fetchval": (watch.statement, methods.one_value),
        "prepare": (watch.preparation, methods.no_rows),
        "copy_from_table": (watch.copy_from_table, methods.no_rows),
        "copy_from_query": (watch.copy_from_query, methods.no_rows),
        "copy_to_table": (watch.copy_to_table, methods.no_rows),
        "copy_records_to_table": (watch.copy_to_table, methods.no_rows),
        "reset": (watch.reset, methods.no_rows),
        "close": (watch.disconnection, methods.no_rows),
    }
    for name, (begin, rows) in observed.items():
        yield patch(owner, name, methods.of_connection(getattr(owner, name), begin, rows))


def _resources(watch: AsyncpgWatch) -> Iterator[Callable[[], None]]:
    statement: Any = prepared_stmt.PreparedStatement
    observed = {
        (statement, "fetch"): (watch.prepared, methods.all_rows),
        (statement, "fetchrow"): (watch.prepared, methods.one_row),
        (statement, "fetchval"): (watch.prepared, methods.one_value),
        (statement, "fetchmany"): (watch.prepared_many, methods.all_rows),
        (statement, "executemany"): (watch.prepared_many, methods.no_rows),
        (cursor.Cursor, "fetch"): (watch.fetch, methods.all_rows),
        (cursor.Cursor, "fetchrow"): (watch.fetch, methods.one_row),
        (cursor.Cursor, "forward"): (watch.move, methods.no_rows),
    }
    for (owner, name), (begin, rows) in observed.items():
        yield patch(owner, name, methods.of_resource(getattr(owner, name), begin, rows))
    iterator: Any = cursor.CursorIterator
    yield patch(iterator, "__anext__", methods.of_iteration(iterator.__anext__, watch.fetch))
    factory: Any = cursor.CursorFactory
    yield patch(factory, "__await__", methods.of_opening(factory.__await__, watch.declaration))
