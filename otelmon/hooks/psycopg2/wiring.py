"""Puts observed classes where psycopg2 makes connections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg2

from otelmon import guard
from otelmon.calls.recorder import CallRecorder
from otelmon.hooks.direct_connection import DirectConnectionWatch
from otelmon.hooks.patching import patch, undo_all
from otelmon.hooks.psycopg2.watch import Psycopg2Watch
from otelmon.hooks.watched_connection import WatchedConnection

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.registry import HookRegistry

_BEGIN = guard.site("hooks.psycopg2.connect")
_OPENED = guard.site("hooks.psycopg2.opened")
_CLASS = guard.site("hooks.psycopg2.connection_class")
# The C function below ``connect``: a ``connect`` that was imported before looks it up at every call. It takes dsn and
# connection_factory first, as ``connect`` does, which stands in where a build has no such name.
_BELOW = "_connect"


def install(registry: HookRegistry) -> Callable[[], None]:
    """Observes connections made from now on, and returns the undoing."""
    recorder = registry.calls
    if not isinstance(recorder, CallRecorder):
        return lambda: None
    watch = Psycopg2Watch(recorder, DirectConnectionWatch(registry.connections.direct, _watched))
    name = _BELOW if hasattr(psycopg2, _BELOW) else "connect"

    def switch_off() -> None:
        watch.on = False

    return undo_all(
        [
            switch_off,
            patch(psycopg2, name, _connecting(watch, getattr(psycopg2, name))),
        ]
    )


def _watched(connection: object, gone: Callable[[], object]) -> WatchedConnection:
    watched = WatchedConnection(connection, "", gone)
    # Of who refers to a connection without a pool nothing can be concluded.
    watched.keyed = True
    return watched


def _connecting(watch: Psycopg2Watch, original: Callable[..., Any]) -> Callable[..., Any]:
    def _connect(*args: Any, **options: Any) -> Any:  # noqa: ANN401 - psycopg2's own signature
        chosen = guard.call(_CLASS, watch.with_connection_class, args, options)
        args, options = chosen or (args, options)
        call = guard.call(_BEGIN, watch.connecting, args[0] if args else options.get("dsn"))
        if call is None:
            return original(*args, **options)
        with call:
            call.session = made = original(*args, **options)
        guard.call(_CLASS, watch.adopt_connection, made)
        guard.call(_OPENED, watch.opened, made)
        return made

    _connect.__doc__ = original.__doc__
    return _connect
