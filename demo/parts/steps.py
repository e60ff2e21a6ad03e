"""Shows what is going on and how long each step took."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

WIDTH = 40


class Steps:
    """Prints one line for each finished step; on a terminal the running one turns."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """Returns the time since the first step."""
        return time.monotonic() - self._began

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Runs one step; a failing one prints nothing, since its error says more."""
        began = time.monotonic()
        if self.console.is_terminal:
            with self.console.status(name):
                yield
        else:
            yield
        self.say(f"{name:<{WIDTH}} {time.monotonic() - began:6.1f} s")

    def say(self, line: str) -> None:
        """Prints one line as it stands."""
        self.console.print(line, markup=False, highlight=False)
