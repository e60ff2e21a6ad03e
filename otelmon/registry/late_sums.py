"""Adds up what a counter of the SDK is told when it is collected, so that a change costs an addition.

A sum of sums is the same sum. As in histograms.py no lock is taken: between the steps below CPython changes no threads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry.context import Context
from opentelemetry.trace import INVALID_SPAN, set_span_in_context

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Add = Callable[..., None]

# Not empty, for the SDK takes an empty context for none, and then the current one.
_NOWHERE = set_span_in_context(INVALID_SPAN, Context())
# Attribute sets of one counter that are added up; further ones are told at once.
MOST_SETS = 1000


class SumCell:
    """Adds up what one attribute set comes to, or tells a counter each change at once.

    Args:
        attributes: the set, which nobody changes.
        add: the counter's own, where it is told at once.
    """

    __slots__ = ("_add", "_attributes", "_steps", "_told", "_told_steps", "_value")

    def __init__(self, attributes: Mapping[str, str | int], add: Add | None = None) -> None:
        self._attributes = attributes
        self._add = add
        self._value = self._steps = self._told = self._told_steps = 0

    def add(self, amount: int) -> None:
        """Takes a change."""
        if self._add is not None:
            self._add(amount, self._attributes)
            return
        self._value += amount
        self._steps += 1

    def tell(self, add: Add) -> None:
        """Tells a counter what has changed since the last time, also where it comes to nothing."""
        steps, value = self._steps, self._value
        if steps != self._told_steps:
            # Whatever is current in a collection is no example of these changes.
            add(value - self._told, self._attributes, _NOWHERE)
            self._told, self._told_steps = value, steps

    def end(self, add: Add) -> None:
        """Tells it for the last time what has changed, and at once what changes from now on."""
        self._add = add
        self.tell(add)


class LateSum:
    """Holds the cells of one counter.

    Args:
        add: the counter's own.
        most: how many attribute sets are added up.
    """

    def __init__(self, add: Add, most: int) -> None:
        self._add = add
        self._most = most
        self._cells: dict[object, SumCell] = {}

    def cell(self, key: object, attributes: Mapping[str, str | int]) -> SumCell:
        """Returns the cell of an attribute set.

        Args:
            key: stands for the attribute set.
            attributes: the set itself, which nobody changes.
        """
        known = self._cells.get(key)
        if known is not None:
            return known
        if len(self._cells) >= self._most:
            return self.at_once(attributes)
        return self._cells.setdefault(key, SumCell(attributes))

    def at_once(self, attributes: Mapping[str, str | int]) -> SumCell:
        """Returns a cell of an attribute set whose changes are told at once."""
        return SumCell(attributes, self._add)

    def tell(self) -> None:
        """Tells the counter what has changed."""
        for each in tuple(self._cells.values()):
            each.tell(self._add)

    def end(self) -> None:
        """Tells it for the last time, and each change at once from now on."""
        self._most, cells, self._cells = 0, self._cells, {}
        for each in cells.values():
            each.end(self._add)


class LateSums:
    """Holds the counters of one process that are told late."""

    def __init__(self) -> None:
        # Tells whether a counter is told in every collection, and adds up as it is; launch puts it in.
        self.accepts: Callable[[object], bool] = lambda _: False
        self._sums: dict[object, LateSum] = {}

    def of(self, counter: object, add: Add) -> LateSum:
        """Returns what adds up for a counter, or tells it at once where it has to be.

        Args:
            counter: an instrument of any provider.
            add: its function.
        """
        if not self.accepts(counter):
            return LateSum(add, 0)
        return self._sums.setdefault(counter, LateSum(add, MOST_SETS))

    def tell(self) -> None:
        """Tells every counter; called in every collection, before the data of counters are taken."""
        for each in tuple(self._sums.values()):
            each.tell()

    def end(self) -> None:
        """Tells every counter for the last time; nobody asks for it from now on."""
        self.accepts = lambda _: False
        sums, self._sums = self._sums, {}
        for each in sums.values():
            each.end()
