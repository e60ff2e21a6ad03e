"""Joins what diagnostics do, for whoever wires them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from otelmon.diagnostics.plans import Plans
from otelmon.diagnostics.running import RunningCalls
from otelmon.diagnostics.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from otelmon.diagnostics.running import Call, Line
    from otelmon.registry.database_sessions import DatabaseSessions

_logger = logging.getLogger("otelmon")
SECONDS_AT_EXIT = 0.2


class Diagnostics:
    """Holds the diagnostics of one activation.

    Args:
        sessions: what hooks and calls leave behind.
        running: returns the calls that run now.
        line_of_thread: returns function, file and line of the application that a thread is in.
        emit: takes an event's name, attributes, trace id and span id.
    """

    def __init__(
        self,
        sessions: DatabaseSessions,
        running: Callable[[], Sequence[Call]],
        line_of_thread: Callable[[int], Line | None],
        emit: Callable[..., None],
    ) -> None:
        self.worker = Worker(sessions)
        self.running = RunningCalls(sessions, self.worker, running, line_of_thread)
        self.plans = Plans(sessions, self.worker, emit)
        self._sessions = sessions

    def say_pooled(self) -> None:
        """Says once of each target that a pooler was recognised there."""
        for target in self._sessions.newly_pooled():
            where = target.parameters.get("host", ""), target.parameters.get("port", "")
            _logger.warning(
                "pooler_recognised address=%s:%s missing=wait_events,blockers,query_ids,plans "
                "hint=its_process_numbers_are_not_the_servers",
                *where,
            )

    def close(self) -> None:
        """Closes the connection, if there is one, without waiting for a server that does not answer."""
        self.worker.close(SECONDS_AT_EXIT)

    def after_fork(self) -> None:
        """Begins anew in a forked child."""
        self.worker.after_fork()
