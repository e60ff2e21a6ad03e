"""The one thread of otelmon in the application: it runs periodic tasks, then the shutdown.

The shutdown runs here because Python 3.12 and later start no new thread once the interpreter is ending, and because the
main thread must be able to stop waiting (DESIGN: exit in time).
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from otelmon import guard

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Task = tuple[str, "Callable[[], None]"]


class Watch:
    """Runs tasks every ``interval`` seconds on a daemon thread until it is told to finish."""

    def __init__(self, tasks: Sequence[Task], shutdown: Callable[[], None], interval: float = 1.0) -> None:
        self._tasks = tuple((guard.site(f"watch.{name}"), task) for name, task in tasks)
        self._shutdown = shutdown
        self._interval = interval
        self.beat = 0
        self._ending = False
        self._prepare()

    def _prepare(self) -> None:
        self._woken = threading.Event()
        self._done = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Starts the thread; a second call does nothing, and where no thread can start the tasks do not run."""
        if self._thread is not None:
            return
        thread = threading.Thread(name="otelmon-watch", target=self._run, daemon=True)
        guard.call(guard.site("watch.start"), thread.start)
        self._thread = thread

    def after_fork(self) -> None:
        """Starts anew in a forked child, where no thread of the parent lives on."""
        was_running = self._thread is not None
        self._prepare()
        if was_running and not self._ending:
            self.start()

    @property
    def alive(self) -> bool:
        """Tells whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def stop(self) -> None:
        """Ends the thread without a shutdown of the providers."""
        self._shutdown = lambda: None
        self.finish(self._interval)

    def finish(self, timeout: float) -> bool:
        """Tells the thread to run the shutdown and waits at most ``timeout`` seconds.

        Returns:
            Whether the shutdown was complete in time.
        """
        self._ending = True
        if not self.alive:
            return False
        self._woken.set()
        return self._done.wait(timeout)

    def _run(self) -> None:
        woken, done = self._woken, self._done
        self.beat = int(time.time())
        while not woken.wait(self._interval):
            if woken is not self._woken:
                # A greenlet, unlike a thread, lives on in a forked child, where another one has its place by now. It
                # stays asleep: threading has forgotten it, and would print an error if it ended.
                threading.Event().wait()
            self.beat = int(time.time())
            for where, task in self._tasks:
                guard.call(where, task)
        guard.call(guard.site("watch.shutdown"), self._shutdown)
        done.set()
