"""Listens to the events of SQLAlchemy's engines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.engine import Engine

from otelmon.calls.recorder import CallRecorder
from otelmon.hooks.patching import undo_all
from otelmon.hooks.sqlalchemy.executions import Executions
from otelmon.hooks.sqlalchemy_events import listen

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.registry import HookRegistry


def install(registry: HookRegistry) -> Callable[[], None]:
    """Observes all engines from now on, and returns the undoing."""
    recorder = registry.calls
    if not isinstance(recorder, CallRecorder):
        return lambda: None
    executions = Executions(registry, recorder)

    def switch_off() -> None:
        executions.on = False

    return undo_all(
        [
            switch_off,
            listen(Engine, "before_cursor_execute", executions.begins),
            listen(Engine, "after_cursor_execute", executions.ends),
            listen(Engine, "handle_error", executions.fails),
        ]
    )
