"""Shows that a build goes on: packages done and time elapsed; nothing at all when the program was cached."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

SECONDS_BETWEEN_LINES = 20.0


class BuildProgress:
    """Counts the lines of a build; on a terminal one live line, elsewhere a line now and then."""

    def __init__(self, name: str, console: Console) -> None:
        self._name = name
        self._console = console
        self._started = self._spoke = time.monotonic()
        self._packages = self._modules = 0
        self._live: Progress | None = None

    def step(self, line: str) -> None:
        """Takes one line of the compiler: a module being downloaded or a package being compiled."""
        if line.startswith("go: downloading "):
            self._modules += 1
        else:
            self._packages += 1
        if self._console.is_terminal:
            self._show_live()
        elif self._first or time.monotonic() - self._spoke >= SECONDS_BETWEEN_LINES:
            self._spoke = time.monotonic()
            self._console.print(
                f"{self._description} after {self.elapsed:.0f} s", markup=False, highlight=False, soft_wrap=True
            )

    @property
    def elapsed(self) -> float:
        """Returns the seconds since the start."""
        return time.monotonic() - self._started

    def close(self) -> None:
        """Ends the live line and says how long it took, if there was anything to do."""
        if self._live is not None:
            self._live.stop()
        if self._packages + self._modules:
            self._console.print(f"{self._name}: {self.elapsed:.0f} s", markup=False, highlight=False, soft_wrap=True)

    @property
    def _first(self) -> bool:
        return self._packages + self._modules == 1

    @property
    def _description(self) -> str:
        return f"building {self._name}: {self._modules} modules downloaded, {self._packages} packages compiled"

    def _show_live(self) -> None:
        if self._live is None:
            columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
            self._live = Progress(*columns, console=self._console, transient=True)
            self._live.add_task(self._description, total=None)
            self._live.start()
        self._live.update(self._live.task_ids[0], description=self._description)


@contextmanager
def building(name: str, console: Console) -> Iterator[BuildProgress]:
    """Gives a progress to hand to ``build_program``, and closes it at the end."""
    progress = BuildProgress(name, console)
    try:
        yield progress
    finally:
        progress.close()
