"""Health under uvicorn's own workers, and under a master that runs as root and hands its workers to another user."""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from demo.parts.waiting import wait_for
from tests.integration.health.asking import asked
from tests.integration.health.service import SECONDS_TO_START, shown, start, wait_for_workers, workers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from subprocess import Popen

    from demo.parts.ports import Ports

ASGI = """
import otelmon
otelmon.instrument()

async def application(scope, receive, send):
    pass
"""
# What a master has imported before it forks; another user may not be able to read the packages.
WSGI = """
import otelmon
otelmon.instrument()

def application(environ, start_response):
    start_response("200 OK", [])
    return [b"served"]
"""
NOBODY = 65534


@pytest.fixture
def folder() -> Iterator[Path]:
    """Yields a folder that every user can enter and write to, as the system's own for temporary files."""
    with tempfile.TemporaryDirectory(prefix="otelmon-health-test-") as name:
        Path(name).chmod(0o1777)
        yield Path(name)


@pytest.fixture
def address(ports: Ports) -> str:
    """Returns a free address of loopback."""
    return f"127.0.0.1:{ports.take('health')}"


@pytest.fixture
def server(folder: Path, address: str, ports: Ports, request: pytest.FixtureRequest) -> Iterator[Popen[bytes]]:
    """Starts a server with an application and ends it."""
    command, source = request.param
    (folder / "application.py").write_text(source)
    process = start([*command, f"--{BIND[command[1]]}", *bound(command[1], ports)], address, folder)
    yield process
    process.terminate()
    process.wait(30)


BIND = {"uvicorn": "port", "gunicorn": "bind"}


def bound(server: str, ports: Ports) -> list[str]:
    """Returns where a server listens, as it takes that."""
    port = ports.take(server)
    return [str(port)] if server == "uvicorn" else [f"127.0.0.1:{port}"]


def user_of(pid: int) -> int:
    """Returns the user that a process has become."""
    return Path(f"/proc/{pid}").stat().st_uid


@pytest.mark.parametrize(
    "server", [(["-m", "uvicorn", "--workers=2", "application:application"], ASGI)], ids=["uvicorn"], indirect=True
)  # fmt: skip
def test_workers_of_uvicorn_share_an_address(server: Popen[bytes], address: str) -> None:
    """They are spawned; whoever answers is killed, is named as dead, and the others answer."""
    first = wait_for_workers(address, 2)
    assert server.pid not in {each["pid"] for each in first}
    binder = next(each["pid"] for each in first if each["answers"])
    os.kill(binder, signal.SIGKILL)
    named = wait_for(
        lambda: any(f"worker {binder} has ended" in note for note in asked(address, "/readyz")[1].get("notes", ())),
        SECONDS_TO_START,
    )
    assert named, asked(address, "/readyz")
    # uvicorn starts another one in its place.
    assert binder not in {each["pid"] for each in wait_for_workers(address, 2)}
    assert asked(address, "/readyz")[0] == 200


PRIVILEGES = [f"--user={NOBODY}", f"--group={NOBODY}"] if os.geteuid() == 0 else []
PRELOADED = [
    "-m",
    "gunicorn",
    "--preload",
    "--workers=2",
    "--no-control-socket",
    *PRIVILEGES,
    "application:application",
]


@pytest.mark.parametrize("server", [(PRELOADED, WSGI)], ids=["gunicorn"], indirect=True)
def test_a_master_leaves_the_address_to_workers_that_became_somebody_else(server: Popen[bytes], address: str) -> None:
    """The master is switched on before it forks, as root; afterwards a worker answers, as the user that it became."""
    user = NOBODY if PRIVILEGES else os.geteuid()

    def answered_by_a_worker() -> list[int]:
        living = [each for each in shown(address) if each["state"] == "live" and each["role"] == "worker"]
        binder = [each["pid"] for each in living if each["answers"]]
        return binder if len(living) == 2 and binder else []

    binder = wait_for(answered_by_a_worker, SECONDS_TO_START)
    assert binder, workers(address)
    assert server.pid not in binder
    assert user_of(binder[0]) == user
    # The binder's exit: the other one, of the same user, takes over.
    os.kill(binder[0], signal.SIGKILL)
    other = wait_for(lambda: [pid for pid in answered_by_a_worker() if pid != binder[0]], SECONDS_TO_START)
    assert other, workers(address)
    assert user_of(other[0]) == user
