"""Starts the stack of a drill, leaves it running, and ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.drill import disk
from demo.drill.stack import Starter
from demo.parts import programs
from demo.parts.ports import Ports
from demo.parts.state import State
from demo.parts.steps import Steps
from demo.parts.supervisor import claim, end

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from demo.drill.places import Places


def start(console: Console, directory: Path) -> Places:
    """Starts everything in a directory.

    Raises:
        PartError: when a part does not start; then nothing is left running.
    """
    supervisor = claim(directory, detached=True)
    steps = Steps(console)
    begun = False
    try:
        places = Starter(supervisor, programs.bring(steps), Ports(), steps).start()
        begun = True
    finally:
        if not begun:
            supervisor.stop()
            disk.release(directory / "victoriametrics")
    return places


def stop(directory: Path) -> list[str]:
    """Ends what runs in a directory and returns the names."""
    state = State.read(directory)
    ended = end(state, directory) if state else []
    disk.release(directory / "victoriametrics")
    return ended
