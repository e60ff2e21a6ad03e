"""Starts processes, sees that they become ready, and ends them in reverse order."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from demo.parts.errors import PartError
from demo.parts.identity import Identity
from demo.parts.program import Program, forget, kept, recall, remember
from demo.parts.state import StartedPart, State
from demo.parts.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECONDS_TO_READY = 60.0
SECONDS_TO_END = 10.0
LONGEST_REASON = 200


class Supervisor:
    """Owns the processes of one run; its directory holds their state and logs."""

    def __init__(self, directory: Path, *, detached: bool = False, state: State | None = None) -> None:
        """Begins with nothing started.

        Args:
            directory: where state and logs go.
            detached: whether the parts are meant to outlive this process.
            state: of what runs already; nothing where it is not given.

        Raises:
            PartError: when the directory cannot be written.
        """
        self.directory = directory
        self.logs = directory / "logs"
        self.state = state or State(owner=None if detached else Identity.of(os.getpid()))
        try:
            self.logs.mkdir(parents=True, exist_ok=True)
            self.state.write(directory)
        except OSError as error:
            what = f"{error.filename} cannot be written ({error.strerror})"
            raise PartError(what, "remove it, or start as the account that owns it") from error
        self._children: dict[int, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()

    @classmethod
    def joined(cls, directory: Path) -> Supervisor:
        """Returns a supervisor of what runs there already, whoever started it.

        Raises:
            PartError: when nothing was started there.
        """
        known = State.read(directory)
        if known is None or not any(part.identity.runs() for part in known.parts):
            raise PartError(f"no stack runs in {directory}", "make stack starts one")
        return cls(directory, state=known)

    def start(self, program: Program, ready: Callable[[], bool], seconds: float = SECONDS_TO_READY) -> None:
        """Starts a program and waits until it is ready.

        Raises:
            PartError: when it cannot be started, ends by itself, or is not ready in time.
        """
        log = self.log_of(program.name)
        child = self._spawn(program, log)
        ended = wait_for(lambda: child.poll() is not None or ready(), seconds)
        if child.poll() is not None:
            raise PartError(f"{program.name} ended by itself: {last_line(log)}", f"see {log}")
        if not ended:
            raise PartError(f"{program.name} was not ready after {seconds:.0f} s", f"see {log}")

    def log_of(self, name: str) -> Path:
        """Returns the file that takes what a part writes."""
        return self.logs / f"{name}.log"

    def remove_at_end(self, directory: Path) -> None:
        """Remembers a directory outside its own that goes away with the parts."""
        self.state.directories.append(str(directory))
        self.state.write(self.directory)

    def tell_address(self, name: str, address: str) -> None:
        """Writes an address into the state, for people and for ``stop``."""
        self.state.addresses[name] = address
        self.state.write(self.directory)

    def stop(self) -> list[str]:
        """Ends every part and returns their names."""
        ended = end(self.state, self.directory)
        for child in self._children.values():
            child.wait(SECONDS_TO_END)
        return ended

    def stop_part(self, name: str) -> None:
        """Ends the part of one name and forgets it."""
        self._end(name, end_part)

    def kill_part(self, name: str) -> None:
        """Kills the part of one name with its whole session, without a chance to say goodbye, and forgets it."""
        self._end(name, kill)

    def start_again(self, name: str, ready: Callable[[], bool], seconds: float = SECONDS_TO_READY) -> None:
        """Starts a part that was ended, with the command and environment that it had; errors as ``start``."""
        self.start(recall(name, self.directory), ready, seconds)

    def pid_of(self, name: str) -> int:
        """Returns the number of a running part.

        Raises:
            PartError: when none of this name runs.
        """
        for part in self.state.parts:
            if part.name == name and part.identity.runs():
                return part.identity.pid
        raise PartError(f"{name} does not run", f"see {self.log_of(name)}")

    def _end(self, name: str, how: Callable[[StartedPart], bool]) -> None:
        for part in [each for each in self.state.parts if each.name == name]:
            how(part)
            child = self._children.pop(part.identity.pid, None)
            if child:
                child.wait(SECONDS_TO_END)
            with self._lock:
                self.state.parts.remove(part)
        with self._lock:
            self.state.write(self.directory)

    def _spawn(self, program: Program, log: Path) -> subprocess.Popen[bytes]:
        """Starts a process in a session of its own, its output in a file, and writes it down."""
        try:
            # One that is started again goes on with its log.
            with log.open("ab" if kept(program.name, self.directory) else "wb") as output:
                child = subprocess.Popen(
                    program.command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                    cwd=program.directory, env=dict(program.environment), start_new_session=True,
                    user=program.account.user, group=program.account.group, extra_groups=program.account.groups,
                )  # fmt: skip
        except OSError as error:
            raise PartError(
                f"{program.name} cannot be started ({error.strerror})", f"check {program.command[0]}"
            ) from error
        self._children[child.pid] = child
        identity = Identity.of(child.pid)
        if identity:
            remember(program, self.directory)
            with self._lock:
                self.state.parts.append(StartedPart(program.name, identity, program.stop_signal))
                self.state.write(self.directory)
        return child


def claim(directory: Path, *, detached: bool = False) -> Supervisor:
    """Returns a supervisor of a directory, after ending what an interrupted run left there.

    Raises:
        PartError: when parts run there that somebody still wants.
    """
    known = State.read(directory)
    if known and any(part.identity.runs() for part in known.parts):
        if known.owner is None:
            raise PartError("a stack is running already", "make stop ends it")
        if known.owner.runs():
            raise PartError(f"process {known.owner.pid} runs the demo already", "wait until it has ended, or end it")
        end(known, directory)
    return Supervisor(directory, detached=detached)


def end(state: State, directory: Path) -> list[str]:
    """Ends what a state lists and still is what it was, newest first; forgets the state and returns the names."""
    ended = [part.name for part in reversed(state.parts) if end_part(part)]
    for each in state.directories:
        shutil.rmtree(each, ignore_errors=True)
    State.forget(directory)
    forget(directory)
    return ended


def end_part(part: StartedPart) -> bool:
    """Ends one process, and its whole session when it does not end in time; tells whether it was running."""
    if not part.identity.runs():
        return False
    with suppress(ProcessLookupError):
        os.kill(part.identity.pid, part.stop_signal)
    if not wait_for(lambda: not part.identity.runs(), SECONDS_TO_END, between=0.05):
        with suppress(ProcessLookupError):
            os.killpg(part.identity.pid, signal.SIGKILL)
    return True


def kill(part: StartedPart) -> bool:
    """Kills one process and its session; tells whether it was running."""
    if not part.identity.runs():
        return False
    with suppress(ProcessLookupError):
        os.killpg(part.identity.pid, signal.SIGKILL)
    return bool(wait_for(lambda: not part.identity.runs(), SECONDS_TO_END, between=0.05))


def last_line(log: Path) -> str:
    """Returns the last line of a log that has text, shortened, or a word that there is none."""
    with suppress(OSError):
        lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
        return next((line[:LONGEST_REASON] for line in reversed(lines) if line), "it said nothing")
    return "it said nothing"
