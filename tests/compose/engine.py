"""Finds a container engine, or starts one of our own in a folder of its own and ends it afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECONDS_TO_START = 60
HINT = "install one (Debian, as root: apt-get install docker.io iptables docker-compose debootstrap busybox-static)"


class CannotRun(Exception):  # noqa: N818 - it says that nothing was tested, not that something is wrong
    """Says in one line what this machine lacks."""


def answers(environment: dict[str, str]) -> bool:
    """Tells whether an engine answers."""
    return subprocess.run(["docker", "version"], env=environment, capture_output=True, check=False).returncode == 0


def compose_command() -> list[str]:
    """Returns the command of compose: the plugin where it is, else the program of its own."""
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0:
        return ["docker", "compose"]
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    raise CannotRun(f"compose is missing: {HINT}")


@contextmanager
def engine(home: Path) -> Iterator[dict[str, str]]:
    """Gives the environment in which ``docker`` reaches an engine.

    Args:
        home: an empty folder, for the data of an engine that is started here.
    """
    environment = dict(os.environ)
    if not shutil.which("docker"):
        raise CannotRun(f"no container engine: {HINT}")
    if answers(environment):
        yield environment
        return
    if not shutil.which("dockerd"):
        raise CannotRun(f"no container engine answers and dockerd is missing: {HINT}")
    if os.geteuid() != 0:
        raise CannotRun("no container engine answers, and only root can start one: run as root, or start yours")
    socket = f"unix://{home}/socket"
    command = ["dockerd", "--data-root", str(home / "data"), "--exec-root", str(home / "exec")]
    command += ["--pidfile", str(home / "pid"), "-H", socket, "--default-ulimit", "nofile=20000:20000"]
    with (home / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            environment["DOCKER_HOST"] = socket
            wait_for(process, environment, home / "log")
            yield environment
        finally:
            process.terminate()


def wait_for(process: subprocess.Popen[bytes], environment: dict[str, str], log: Path) -> None:
    """Waits until the engine that was started answers."""
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end and process.poll() is None:
        if answers(environment):
            return
        time.sleep(0.2)
    last = log.read_text(errors="replace").splitlines()[-1:]
    raise CannotRun(f"dockerd did not start: {' '.join(last)}")
