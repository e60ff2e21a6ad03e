"""Runs readers on a thread of their own, so that one that hangs holds up neither metrics nor the watch.

A round is asked for when metrics are collected, so that figures are those of that moment, and waited for shortly. A
reader that hangs costs its thread: another one takes over, and after two such times the reader is left out.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from typing import TYPE_CHECKING

from otelmon import guard

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.registry.named_readers import Progress

_SITE = guard.site("registry.readers")
# A round takes microseconds; whoever collects metrics waits no longer than this and takes the last figures.
LONGEST_WAIT = 0.1
# All instruments of one collection see the figures of one round.
FRESH_FOR = 0.05
LONGEST_READ = 1.0
# Each holds a reader that has not come back. Beyond this number nothing is read any more.
MOST_ABANDONED = 20


class ReaderThread:
    """Runs a job in rounds: on a thread after ``start``, and where no thread can run, in place.

    Args:
        job: reads everything; it is given the progress of this round and must change nothing once that has ended.
        progress: makes the progress of a round.
        hung: takes the name of a reader that has not come back.
    """

    def __init__(
        self, job: Callable[[Progress], None], progress: Callable[[], Progress], hung: Callable[[Progress], None]
    ) -> None:
        self._job = job
        self._progress = progress
        self._hung = hung
        self._wanted = False
        self._prepare()

    def _prepare(self) -> None:
        self._asked: queue.SimpleQueue[threading.Event | None] = queue.SimpleQueue()
        self._round: Progress | None = None
        self._thread: threading.Thread | None = None
        self._replacing = threading.Lock()
        self._abandoned = 0
        self._done_at = 0.0

    def start(self) -> None:
        """Has rounds run apart from now on; the thread itself starts with the first round."""
        self._wanted = True

    def stop(self) -> None:
        """Ends the thread; rounds run in place from now on."""
        self._wanted = False
        self._asked.put(None)
        self._prepare()

    def after_fork(self) -> None:
        """Forgets the thread, which a forked child does not have."""
        self._prepare()

    def refresh(self) -> None:
        """Has a round run and waits for it shortly; what is not read by then keeps its last figures."""
        if not self._wanted:
            self._job(self._progress())
        elif threading.current_thread() is not self._thread and time.monotonic() - self._done_at >= FRESH_FOR:
            self._ask()

    def _ask(self) -> None:
        self.check()
        if self._abandoned > MOST_ABANDONED:
            return
        if (self._thread is None or not self._thread.is_alive()) and not self._begin():
            self._job(self._progress())
            return
        done = threading.Event()
        self._asked.put(done)
        done.wait(LONGEST_WAIT)

    def _begin(self) -> bool:
        thread = threading.Thread(name="otelmon-readers", target=self._run, args=(self._asked,), daemon=True)
        self._thread = thread
        # Python 3.12 and later start no thread once the interpreter is ending.
        with contextlib.suppress(RuntimeError):
            thread.start()
            return True
        self._thread = None
        return False

    def _run(self, asked: queue.SimpleQueue[threading.Event | None]) -> None:
        while (done := asked.get()) is not None:
            progress = self._progress()
            self._round = progress
            guard.call(_SITE, self._job, progress)
            if progress.ended:
                return
            self._round = None
            self._done_at = time.monotonic()
            done.set()

    def check(self) -> None:
        """Abandons the thread where a reader has not come back for a second; the next round gets another."""
        stuck = self._round
        if stuck is None or stuck.since is None or time.monotonic() - stuck.since < LONGEST_READ:
            return
        if not self._replacing.acquire(blocking=False):
            return
        try:
            if self._round is stuck:
                self._abandon(stuck)
        finally:
            self._replacing.release()

    def _abandon(self, stuck: Progress) -> None:
        stuck.ended = True
        self._abandoned += 1
        self._round = self._thread = None
        self._asked = queue.SimpleQueue()
        self._hung(stuck)
