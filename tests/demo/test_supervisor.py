"""Parts are started, watched and ended; nothing else is touched."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from demo.parts.errors import PartError
from demo.parts.identity import Identity
from demo.parts.ports import Ports, first_dealt_out, free_port
from demo.parts.state import StartedPart, State
from demo.parts.supervisor import Program, Supervisor, claim, end, end_part
from demo.server import LOOPBACK, LoopbackServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WAITS = [sys.executable, "-c", "import time; time.sleep(60)"]
DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)",
]
FAILS = [sys.executable, "-c", "import sys; print('no room left', file=sys.stderr); sys.exit(3)"]


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """Runs a process that nobody here may end."""
    process = subprocess.Popen(WAITS)
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Supervisor]:
    """Returns a supervisor that ends what it started."""
    supervisor = Supervisor(tmp_path / "run")
    yield supervisor
    supervisor.stop()


def test_a_part_is_started_and_ended(own: Supervisor) -> None:
    """What was started runs until the supervisor ends it, and is named then."""
    own.start(Program("sleeper", WAITS), lambda: True)
    identity = own.state.parts[0].identity
    assert identity.runs()
    assert own.stop() == ["sleeper"]
    assert not identity.runs()


def test_a_part_that_ends_by_itself_is_told_in_one_line(own: Supervisor) -> None:
    """The error of a part that ended names it, its last words and its log."""
    with pytest.raises(PartError, match=r"^broken ended by itself: no room left; see .*broken\.log$"):
        own.start(Program("broken", FAILS), lambda: False)


def test_a_part_that_never_gets_ready_is_told_in_one_line(own: Supervisor) -> None:
    """The error of a part that is not ready in time says how long it was waited for."""
    with pytest.raises(PartError, match=r"^sleeper was not ready after 0 s; see "):
        own.start(Program("sleeper", WAITS), lambda: False, seconds=0.2)


def test_a_program_that_is_not_there_is_told_in_one_line(own: Supervisor) -> None:
    """The error of a missing program names it."""
    with pytest.raises(PartError, match=r"^ghost cannot be started \(No such file or directory\); check /nowhere$"):
        own.start(Program("ghost", ["/nowhere"]), lambda: True)


def test_a_deaf_part_is_killed(own: Supervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part that ignores the request to end is killed when the time is over."""
    monkeypatch.setattr("demo.parts.supervisor.SECONDS_TO_END", 0.3)
    own.start(Program("deaf", DEAF), lambda: "ready" in own.log_of("deaf").read_text())
    own.stop()
    assert own.state.parts[0].identity.runs() is False


def test_stop_ends_what_another_process_started(tmp_path: Path) -> None:
    """A state file is enough to end the parts and remove their directories."""
    supervisor = Supervisor(tmp_path / "stack", detached=True)
    supervisor.start(Program("sleeper", WAITS), lambda: True)
    data = tmp_path / "data"
    data.mkdir()
    supervisor.remove_at_end(data)
    known = State.read(supervisor.directory)
    assert known is not None
    assert (end(known, supervisor.directory), data.exists(), State.read(supervisor.directory)) == (
        ["sleeper"],
        False,
        None,
    )
    supervisor.stop()


@pytest.mark.parametrize("change", [{"started": 1}, {"boot": "another"}])
def test_a_process_that_only_has_the_same_number_is_left_alone(
    bystander: subprocess.Popen[bytes], change: dict[str, int | str]
) -> None:
    """A later process with the number of an ended part, or one of another boot, is not ended."""
    identity = Identity.of(bystander.pid)
    assert identity is not None
    other = replace(identity, **change)
    assert end_part(StartedPart("sleeper", other, signal.SIGKILL)) is False
    assert bystander.poll() is None


def test_a_directory_in_use_is_not_taken(tmp_path: Path) -> None:
    """A second stack in the same directory is refused while the first one runs."""
    first = claim(tmp_path / "stack", detached=True)
    first.start(Program("sleeper", WAITS), lambda: True)
    with pytest.raises(PartError, match="running already; make stop ends"):
        claim(tmp_path / "stack", detached=True)
    first.stop()


def test_what_an_interrupted_run_left_is_ended_by_the_next(tmp_path: Path) -> None:
    """Parts whose watching process is gone are ended before new ones start."""
    left = Supervisor(tmp_path / "run")
    left.start(Program("sleeper", WAITS), lambda: True)
    left.state.owner = Identity(1, 0, "gone")
    left.state.write(left.directory)
    claim(tmp_path / "run")
    assert left.state.parts[0].identity.runs() is False
    left.stop()


@pytest.mark.parametrize("content", ["", "[]", '{"parts": 3}', '{"parts": [{"name": "x"}]}'])
def test_an_unreadable_state_counts_as_none(tmp_path: Path, content: str) -> None:
    """A state file that cannot be read names no process."""
    (tmp_path / "state.json").write_text(content)
    assert State.read(tmp_path) is None


def test_a_taken_port_is_told_in_one_line() -> None:
    """A port that was asked for and is taken is named, with the way out."""
    from flask import Flask

    message = r"^port \d+ for service cannot be had .*; end what uses it"
    with LoopbackServer(Flask("taken")) as server, pytest.raises(PartError, match=message):
        Ports({"service": server.port})


def test_a_port_for_an_unknown_part_is_told() -> None:
    """A wish for a part that is none names those that are."""
    with pytest.raises(PartError, match=r"^no part is named serv; names with ports are service, "):
        Ports({"serv": 8000})


def test_a_place_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    """A state directory that cannot be made is named, with the way out."""
    (tmp_path / "file").touch()
    with pytest.raises(PartError, match=r"cannot be written .*; remove it, or start as the account that owns it"):
        Supervisor(tmp_path / "file" / "run")


def test_free_ports_are_given_once() -> None:
    """No two listeners get the same port, and a wished one is given as wished."""
    wished = free_port()
    ports = Ports({"service": wished})
    given = [ports.take(name) for name in ("service", "github", "sentry", "jaeger")]
    assert (given[0], len(set(given))) == (wished, 4)
    assert LOOPBACK == "127.0.0.1"


def test_free_ports_are_none_that_the_system_deals_out() -> None:
    """A connection that somebody opens before the part is there cannot take its port."""
    with socket.create_server((LOOPBACK, 0)) as dealt_out:
        assert max(free_port() for _ in range(50)) < first_dealt_out() <= dealt_out.getsockname()[1]
