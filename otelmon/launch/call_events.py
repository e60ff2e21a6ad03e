"""Wires what is told of single database calls later than they end: one by one, and by the minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.exporters.events import emit_event, emit_late, emit_operation
from otelmon.watch.late_events import LateEvents
from otelmon.watch.operation_log import OperationLog

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.registry import HookRegistry


class CallEvents:
    """Holds the tables that calls write to and the watch empties.

    Args:
        registry: its settings say whether there is an operation log.
    """

    def __init__(self, registry: HookRegistry) -> None:
        self._late = LateEvents(registry, emit_event, emit_late)
        self._log = OperationLog(emit_operation)
        # What calls write to; None where nothing is told of each.
        self.operation_log = None if registry.settings.operation_log == "off" else self._log

    def tasks(self) -> list[tuple[str, Callable[[], None]]]:
        """Returns what the watch does in every round, by name."""
        return [("operation_log", self._log.tell), ("late_events", self._late.tell)]

    def finish(self) -> None:
        """Tells what waits, before the providers are shut down."""
        self._log.tell()
        self._late.finish()

    def after_fork(self) -> None:
        """Forgets what waits, in a forked child: the parent tells of it."""
        self._log.clear()
