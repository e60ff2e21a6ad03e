"""Keeps readers under unique names that become labels."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Generic, TypeVar

from otelmon import guard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

State = TypeVar("State")

_logger = logging.getLogger("otelmon")
# Once may be the machine's fault.
HANGS_BEFORE_OFF = 2

# Shared by everything that came after the table was full, so that labels stay bounded.
OVERFLOW_NAME = "otelmon.overflow"


class Progress:
    """Says what a round of reading is at: the table and name of the reader, and since when, on the monotonic clock."""

    __slots__ = ("ended", "name", "since", "table")

    def __init__(self) -> None:
        self.table: NamedReaders[object] | None = None
        self.name = ""
        self.since: float | None = None
        # Set by another thread that goes on without this round.
        self.ended = False


class NamedReaders(Generic[State]):
    """Holds at most ``limit`` readers; adding, removing and reading take no lock."""

    def __init__(self, site: str, limit: int, overflowed: Callable[[], object]) -> None:
        self._site = site
        self._limit = limit
        self._overflowed = overflowed
        self._readers: dict[str, Callable[[], State]] = {}
        self._hangs: dict[str, int] = {}

    def add(self, name: str, reader: Callable[[], State]) -> str:
        """Keeps a reader under its name, or the first free of ``name#2``, ``name#3`` ... and returns the name used.

        A name that ends in ``#`` and a number counts on from there; the same reader under the same name is kept once.
        When the table is full the reader is not kept.
        """
        if len(self._readers) >= self._limit:
            self._overflowed()
            return OVERFLOW_NAME
        return next(each for each in _candidates(name) if self._readers.setdefault(each, reader) is reader)

    def remove(self, name: str) -> None:
        """Forgets a reader; an unknown name is fine."""
        self._readers.pop(name, None)
        self._hangs.pop(name, None)

    def names(self) -> tuple[str, ...]:
        """Returns the names in use."""
        return tuple(self._readers.copy())

    def read(self, check: Callable[[State], State], progress: Progress | None = None) -> dict[str, State]:
        """Reads every state; a reader that raises, or whose state the check refuses, is absent.

        Args:
            check: returns a state that can be true, or raises.
            progress: follows the round; once it has ended nothing more is read.
        """
        progress = progress or Progress()
        states: dict[str, State | None] = {}
        for name, reader in self._readers.copy().items():
            if progress.ended:
                break
            if self._hangs.get(name, 0) < HANGS_BEFORE_OFF:
                states[name] = guard.call(self._site_of(name), self._read, name, reader, check, progress)
        return {name: state for name, state in states.items() if state is not None}

    def _read(
        self, name: str, reader: Callable[[], State], check: Callable[[State], State], progress: Progress
    ) -> State:
        progress.table, progress.name, progress.since = self, name, time.monotonic()  # type: ignore[assignment]  # of any state
        try:
            return check(reader())
        finally:
            progress.since = None

    def _site_of(self, name: str) -> guard.Site:
        return guard.site(f"{self._site}.{name}")

    def left_out(self) -> tuple[str, ...]:
        """Returns the names of readers that are not called any more, because they did not come back."""
        return tuple(name for name, hangs in self._hangs.copy().items() if hangs >= HANGS_BEFORE_OFF)

    def hung(self, name: str) -> None:
        """Notes that a reader has not come back; the second time it is left out from then on."""
        self._hangs[name] = hangs = self._hangs.get(name, 0) + 1
        self._site_of(name).failed(TimeoutError())
        if hangs == HANGS_BEFORE_OFF:
            _logger.warning("reader_left_out site=%s name=%s hint=it_must_return_at_once", self._site, name)


def _candidates(name: str) -> Iterator[str]:
    stem, mark, digits = name.rpartition("#")
    numbered = bool(mark) and digits.isascii() and digits.isdigit()
    yield name
    number = int(digits) if numbered else 1
    while True:
        number += 1
        yield f"{stem if numbered else name}#{number}"
