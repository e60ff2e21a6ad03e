"""Runs questions to the database on a thread of its own.

Not on the watch thread: opening a connection can hang in DNS or in a handshake for longer than any timeout says, and
the watch must beat, report leaks and shut down meanwhile. The thread and its one connection exist only while there are
questions; where the database does not answer, nobody asks again before a pause that doubles each time.
"""

from __future__ import annotations

import queue
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from opentelemetry.instrumentation.utils import suppress_instrumentation

from otelmon import guard
from otelmon.diagnostics.admission import POOLED, admit, is_pooled
from otelmon.diagnostics.links import UnavailableError, open_link

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.diagnostics.links import Link
    from otelmon.registry.database_sessions import DatabaseSessions, DatabaseTarget

_START = guard.site("diagnostics.start")
_WORK = guard.site("diagnostics.work")
MOST_WAITING = 64
SECONDS_IDLE = 5.0
# While the connection stays open, how often it is asked whether its slot is still to spare.
SECONDS_ADMITTED = 5.0
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 300.0


class Task(NamedTuple):
    """Holds what is to be done on a connection to a target; ``done`` is set in the end, whatever came of it."""

    target: DatabaseTarget
    work: Callable[[Link], None]
    done: threading.Event


class Worker:
    """Takes tasks, most of them from the watch; the connection goes to one target at a time."""

    def __init__(self, sessions: DatabaseSessions) -> None:
        self._sessions = sessions
        self._prepare()

    def _prepare(self) -> None:
        self._lock = threading.Lock()
        self._tasks: queue.Queue[Task | None] = queue.Queue(MOST_WAITING)
        self._thread: threading.Thread | None = None
        self._link: tuple[DatabaseTarget, Link, float] | None = None
        # By target: when it may be asked again, and how long the pause was.
        self._pauses: dict[int, tuple[float, float]] = {}

    def submit(self, target: DatabaseTarget, work: Callable[[Link], None]) -> threading.Event | None:
        """Takes a task, and returns what is set when it is over; None where the target is not asked now."""
        until, _ = self._pauses.get(id(target), (0.0, 0.0))
        if target.is_pooled or time.monotonic() < until:
            return None
        task = Task(target, work, threading.Event())
        with self._lock:
            if self._tasks.full() or not self._is_there():
                return None
            self._tasks.put_nowait(task)
        return task.done

    def _is_there(self) -> bool:
        """Starts the thread unless it is there, and tells whether that was possible."""
        if self._thread is None:
            thread = threading.Thread(name="otelmon-diagnostics", target=self._run, daemon=True)
            guard.call(_START, thread.start)
            self._thread = thread if thread.is_alive() else None
        return self._thread is not None

    def close(self, timeout: float) -> None:
        """Ends the thread and its connection, and waits for that at most ``timeout`` seconds."""
        with self._lock:
            thread = self._thread
            if thread is None or self._tasks.full():
                return
            self._tasks.put_nowait(None)
        thread.join(timeout)

    def after_fork(self) -> None:
        """Begins anew in a forked child; the connection is the parent's, and so is the thread."""
        if self._link is not None:
            self._link[1].forget()
        self._prepare()

    def _run(self) -> None:
        with suppress_instrumentation():
            while (task := self._next()) is not None:
                guard.call(_WORK, self._do, task)
                task.done.set()

    def _next(self) -> Task | None:
        with suppress(queue.Empty):
            task = self._tasks.get(timeout=SECONDS_IDLE)
            if task is not None:
                return task
        with self._lock:
            task = None if self._tasks.empty() else self._tasks.get_nowait()
            if task is not None:
                return task
            # Whoever asks from now on starts another thread, which must not find a connection that this one closes.
            self._thread = None
            link, self._link = self._link, None
        if link is not None:
            link[1].close()
        return None

    def _do(self, task: Task) -> None:
        if task.target.is_pooled:
            return
        try:
            task.work(self._connected(task.target))
        except UnavailableError as error:
            self._sessions.answered(error.reason)
            if error.is_broken:
                self._failed(task.target)
        else:
            self._pauses.pop(id(task.target), None)

    def _connected(self, target: DatabaseTarget) -> Link:
        now = time.monotonic()
        if self._link is not None and self._link[0] is target and now < self._link[2]:
            return self._link[1]
        if self._link is not None and self._link[0] is not target:
            self._drop()
        if self._link is None:
            self._link = target, open_link(target), now
            self._say_if_pooled(target, self._link[1])
        admit(self._link[1])
        self._link = target, self._link[1], now + SECONDS_ADMITTED
        return self._link[1]

    def _say_if_pooled(self, target: DatabaseTarget, link: Link) -> None:
        if is_pooled(link):
            target.is_pooled = True
            raise UnavailableError(POOLED)

    def _failed(self, target: DatabaseTarget) -> None:
        self._drop()
        _, pause = self._pauses.get(id(target), (0.0, FIRST_PAUSE / 2))
        pause = min(2 * pause, LONGEST_PAUSE)
        self._pauses[id(target)] = time.monotonic() + pause, pause

    def _drop(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link[1].close()
