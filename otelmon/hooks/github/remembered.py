"""Remembers what was made of a value, without keeping the value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Value = TypeVar("Value", bound="Hashable")
Made = TypeVar("Made")


class Remembered(Generic[Value, Made]):
    """Holds results by hash, at most twice ``limit`` of them; the oldest go first.

    The hash is Python's own of 64 bits, which is keyed anew in each process: a credential cannot be found from it, and
    two of ten thousand values have the same in one of a hundred billion processes.
    """

    def __init__(self, limit: int, make: Callable[[Value], Made]) -> None:
        self._limit = limit
        self._make = make
        self._young: dict[int, Made] = {}
        self._old: dict[int, Made] = {}

    def of(self, value: Value) -> Made:
        """Returns what is made of a value, made anew where it is not remembered."""
        key = hash(value)
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is None:
                found = self._make(value)
            if len(self._young) >= self._limit:
                self._old, self._young = self._young, {}
            self._young[key] = found
        return found
