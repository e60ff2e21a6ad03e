"""Starts servers under ``opentelemetry-instrument``, loads them from several threads and ends them."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo.parts.ports import free_port
from demo.parts.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[2]
SERVERS = ROOT / ".cache" / "servers"
BIN = Path(sys.executable).parent
APPLICATION = "tests.life.application"
SECONDS_TO_START = 90.0
CLIENTS = 4
# What otelmon is given for the exit; what the server itself and Python take to end on a busy machine comes on top.
SHUTDOWN_SECONDS = 2.0
SECONDS_OF_THE_SERVER = 5.0
LOST_AT_EXIT = re.compile(r"spans_lost_at_exit spans=(\d+)")


def environment(endpoint: str, **more: str) -> dict[str, str]:
    """Returns the environment of a server whose spans go to a receiver; requirements/servers.txt is there.

    Without coverage.py: a thread may hold its lock at a fork, and the child waits for it for ever.
    """
    left_out = ("OTEL_", "OTELMON_", "COVERAGE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return kept | {
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        "OTEL_SERVICE_NAME": "life",
        "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "flask,wsgi,requests,psycopg2",
        "OTELMON_SHUTDOWN_TIMEOUT": str(int(SHUTDOWN_SECONDS * 1000)),
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(SERVERS))),
        **more,
    }


@dataclass
class Answers:
    """Holds what a server answered, and how many requests it did not."""

    said: list[dict[str, Any]] = field(default_factory=list)
    failed: int = 0

    def spans(self) -> set[str]:
        """Returns the ids of the spans of answered requests."""
        return {each["span"] for each in self.said}

    def pids(self) -> set[int]:
        """Returns the processes that answered."""
        return {each["pid"] for each in self.said}


def ask(port: int) -> dict[str, Any]:
    """Makes one request on a connection of its own.

    Raises:
        OSError: nobody listens, or whoever did has gone.
        http.client.HTTPException: the answer broke off.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/")
        return dict(json.loads(connection.getresponse().read()))
    finally:
        connection.close()


class Load:
    """Asks from several threads, as fast as answers come, until it is told to stop."""

    def __init__(self, port: int) -> None:
        self.answers = Answers()
        self._port = port
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._ask, daemon=True) for _ in range(CLIENTS)]

    def __enter__(self) -> Load:  # noqa: PYI034 - Self is in typing from Python 3.11 on
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for each in self._threads:
            each.join(20)

    def _ask(self) -> None:
        while not self._ended.is_set():
            try:
                self.answers.said.append(ask(self._port))
            except (OSError, http.client.HTTPException, ValueError):  # noqa: PERF203 - a server that ends refuses
                self.answers.failed += 1
                self._ended.wait(0.01)


class Server:
    """Is a server in a process of its own, with all that it starts; what it writes goes to a file."""

    def __init__(self, command: Sequence[str | Path], folder: Path, variables: dict[str, str]) -> None:
        self._log = folder / "server.log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [BIN / "opentelemetry-instrument", *command],
                cwd=folder,
                env=variables,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def written(self) -> str:
        """Returns what it has written."""
        return self._log.read_text(errors="replace")

    def lost(self) -> int:
        """Returns how many spans its processes said they had lost at their ends."""
        return sum(int(each) for each in LOST_AT_EXIT.findall(self.written()))

    def end(self, number: int = signal.SIGTERM, seconds: float = 30.0) -> float:
        """Sends a signal and returns the seconds until the process had ended."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(seconds)
        return time.monotonic() - began

    def kill(self) -> None:
        """Ends whatever is left of it: the session that was begun for it is its own."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)


def wait_until_it_serves(server: Server, port: int) -> None:
    """Waits for the first answer."""

    def answered() -> dict[str, Any] | None:
        assert server.process.poll() is None, server.written()
        with suppress(OSError, http.client.HTTPException, ValueError):
            return ask(port)
        return None

    assert wait_for(answered, SECONDS_TO_START), server.written()


def of_each_worker(answers: Answers) -> Iterator[dict[str, Any]]:
    """Yields the last answer of each process."""
    yield from {each["pid"]: each for each in answers.said}.values()


def port_for_a_server() -> int:
    """Returns a free port."""
    return free_port()
