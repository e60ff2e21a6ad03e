"""Adds up what happened lately."""

from __future__ import annotations


class SlidingSum:
    """Holds the sum of amounts over the last ``span`` steps of a clock, one entry a step.

    A step counts as a whole until its end is out of sight, so the sum is never too small and at most a step too old.
    """

    __slots__ = ("_entries", "_last", "_oldest", "_span", "total")

    def __init__(self, span: int) -> None:
        self._span = span
        self._entries: list[list[int]] = []
        # The entry of the latest step, and the step of the oldest one.
        self._last = [-1, 0]
        self._oldest = 0
        self.total = 0

    def add(self, step: int, amount: int) -> int:
        """Adds an amount at a step of the clock, which only grows, and returns the sum."""
        last = self._last
        if last[0] == step:
            last[1] += amount
        else:
            self._last = [step, amount]
            if not self._entries:
                self._oldest = step
            self._entries.append(self._last)
        self.total += amount
        return self.total if self._oldest >= step - self._span else self.at(step)

    def at(self, step: int) -> int:
        """Returns the sum as of a step."""
        entries = self._entries
        gone = 0
        while gone < len(entries) and entries[gone][0] < step - self._span:
            self.total -= entries[gone][1]
            gone += 1
        if gone:
            del entries[:gone]
            if entries:
                self._oldest = entries[0][0]
            else:
                self._last = [-1, 0]
        return self.total

    def recent(self, step: int, steps: int) -> int:
        """Returns the sum over the last steps before one."""
        return sum(amount for at, amount in self._entries if step - steps <= at < step)
