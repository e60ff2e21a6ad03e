"""Keeps readers under unique names that become labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from otelmon import guard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

State = TypeVar("State")

# Shared by everything that came after the table was full, so that labels stay bounded.
OVERFLOW_NAME = "otelmon.overflow"


class NamedReaders(Generic[State]):
    """Holds at most ``limit`` readers; adding, removing and reading take no lock."""

    def __init__(self, site: str, limit: int, overflowed: Callable[[], object]) -> None:
        self._site = site
        self._limit = limit
        self._overflowed = overflowed
        self._readers: dict[str, Callable[[], State]] = {}

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

    def names(self) -> tuple[str, ...]:
        """Returns the names in use."""
        return tuple(self._readers.copy())

    def read(self, check: Callable[[State], State]) -> dict[str, State]:
        """Reads every state; a reader that raises, or whose state the check refuses, is absent."""
        states = {
            name: guard.call(guard.site(f"{self._site}.{name}"), _read, reader, check)
            for name, reader in self._readers.copy().items()
        }
        return {name: state for name, state in states.items() if state is not None}


def _read(reader: Callable[[], State], check: Callable[[State], State]) -> State:
    return check(reader())


def _candidates(name: str) -> Iterator[str]:
    stem, mark, digits = name.rpartition("#")
    numbered = bool(mark) and digits.isascii() and digits.isdigit()
    yield name
    number = int(digits) if numbered else 1
    while True:
        number += 1
        yield f"{stem if numbered else name}#{number}"
