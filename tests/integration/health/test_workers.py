"""Real servers with several processes at one address of health."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from demo.parts.waiting import wait_for
from tests.integration.health.asking import asked
from tests.integration.health.service import SECONDS_TO_START, environment, shown, start, wait_for_workers, workers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from demo.parts.ports import Ports

APPLICATION = """
import otelmon
otelmon.instrument()

def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"served"]
"""
CHILDREN = """
import multiprocessing, os, signal, sys, time
import otelmon

def work():
    time.sleep(float(sys.argv[1]))

if __name__ == "__main__":
    otelmon.instrument()
    child = multiprocessing.get_context(sys.argv[2]).Process(target=work)
    child.start()
    child.join()
    print("joined", child.exitcode, flush=True)
    time.sleep(60)
"""
WITHOUT = """
import sys, threading
import otelmon
otelmon.instrument()
print([name for name in sys.modules if "otelmon.health" in name], [each.name for each in threading.enumerate()])
"""
GUNICORN = ["-m", "gunicorn", "--workers=3", "--no-control-socket", "application:application"]


@pytest.fixture
def address(ports: Ports) -> str:
    """Returns a free address of loopback."""
    return f"127.0.0.1:{ports.take('health')}"


@pytest.fixture
def started(address: str, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts programs with their sources in a folder, and ends them with all that they have started."""
    processes: list[subprocess.Popen[bytes]] = []

    def begin(*command: str, **sources: str) -> subprocess.Popen[bytes]:
        for name, source in sources.items():
            (tmp_path / f"{name}.py").write_text(source)
        processes.append(start(command, address, tmp_path))
        return processes[-1]

    yield begin
    for each in processes:
        if each.poll() is None:
            each.terminate()
        each.wait(20)


def is_named(address: str, pid: int) -> bool:
    """Tells whether a worker is told of as dead."""
    notes = asked(address, "/readyz")[1].get("notes", ())
    return any(f"worker {pid} has ended" in note for note in notes)


def test_three_workers_and_one_address(
    started: Callable[..., subprocess.Popen[bytes]], address: str, ports: Ports, tmp_path: Path
) -> None:
    """Whoever answers is killed, then another: each is named, the others answer, and a new one takes its place."""
    port = ports.take("gunicorn")
    server = started(*GUNICORN, f"--bind=127.0.0.1:{port}", application=APPLICATION)
    first = wait_for_workers(address, 3)
    killed = []
    for answers in (True, False):
        victim = next(each["pid"] for each in first if each["answers"] is answers)
        os.kill(victim, signal.SIGKILL)
        killed.append(victim)
        named = wait_for(lambda victim=victim: is_named(address, victim), SECONDS_TO_START)
        assert named, asked(address, "/readyz")
        first = wait_for_workers(address, 3)
    states = {each["pid"]: each["state"] for each in shown(address)}
    assert [states[pid] for pid in killed] == ["dead", "dead"]
    assert asked(address, "/readyz")[0] == 200
    server.terminate()
    assert server.wait(20) == 0
    # Those who end as they should leave no trace of themselves; the killed are there to be named.
    left = {each.name.partition("-")[0] for each in tmp_path.rglob("*.lock")}
    assert left <= {str(pid) for pid in killed}


def test_a_stopped_worker_is_told_and_recovers(
    started: Callable[..., subprocess.Popen[bytes]], address: str, ports: Ports
) -> None:
    """A worker that the system does not let run is unknown: its last figures are not shown as if they were new."""
    started(*GUNICORN, f"--bind=127.0.0.1:{ports.take('gunicorn')}", "--timeout=300", application=APPLICATION)
    found = wait_for_workers(address, 3)
    victim = next(each["pid"] for each in found if not each["answers"])
    os.kill(victim, signal.SIGSTOP)
    try:
        told = wait_for(
            lambda: [each for each in shown(address) if each["pid"] == victim and each["state"] == "stale"], 30
        )
        assert told
        assert told[0]["status"] == "unknown"
        assert asked(address, "/readyz")[1]["status"] == "warn"
    finally:
        os.kill(victim, signal.SIGCONT)
    wait_for_workers(address, 3)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_children_of_multiprocessing_are_shown_and_leave_without_a_word(
    started: Callable[..., subprocess.Popen[bytes]], address: str, tmp_path: Path, method: str
) -> None:
    """They end without exit handlers, and are no dead workers all the same."""
    started("children.py", "8", method, children=CHILDREN)
    log = tmp_path / "log.txt"
    if method == "fork":
        assert len(wait_for_workers(address, 2)) == 2
    assert wait_for(lambda: "joined 0" in log.read_text(), SECONDS_TO_START), log.read_text()
    (left,) = wait_for_workers(address, 1)
    time.sleep(1.2)
    assert [each["pid"] for each in workers(address)] == [left["pid"]]
    assert asked(address, "/readyz")[1]["notes"] == []


def test_where_no_address_is_set_nothing_of_it_is_imported(tmp_path: Path) -> None:
    """Neither a module nor a thread nor a file."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT], env=environment("", tmp_path), capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("[] [")
    assert "otelmon-health" not in done.stdout
    assert list(tmp_path.glob("otelmon-health*")) == []
