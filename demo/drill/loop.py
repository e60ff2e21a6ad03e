"""Does something again and again beside the drill until told to stop."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import psycopg2

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS_TO_END = 70.0


class Loops:
    """Runs any number of loops, each in a thread of its own; one that fails goes on with its next round."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []

    def begin(self, act: Callable[[], object], seconds_between: float, threads: int = 1) -> None:
        """Begins a loop in one or more threads."""
        self._ended.clear()
        for _ in range(threads):
            thread = threading.Thread(target=self._run, args=(act, seconds_between), daemon=True)
            self._threads.append(thread)
            thread.start()

    def end(self) -> None:
        """Ends every loop and waits for the rounds that are under way."""
        self._ended.set()
        for thread in self._threads:
            thread.join(SECONDS_TO_END)
        self._threads.clear()

    def _run(self, act: Callable[[], object], seconds_between: float) -> None:
        while not self._ended.is_set():
            # What is away may be away on purpose.
            with suppress(OSError, psycopg2.Error):
                act()
            self._ended.wait(seconds_between)
