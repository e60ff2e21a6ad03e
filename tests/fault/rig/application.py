"""Starts the application under load and speaks with it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conservation.books import BookedSink

LOAD = Path(__file__).with_name("load.py")
WRAPPER = str(Path(sys.executable).parent / "opentelemetry-instrument")
# Small, so that a few seconds show what minutes would; the figures are those of every case that does not say else.
BATCHES = {"OTEL_BSP_SCHEDULE_DELAY": "200", "OTEL_METRIC_EXPORT_INTERVAL": "1000", "OTEL_BLRP_SCHEDULE_DELAY": "200"}


@dataclass
class Ended:
    """How an application has ended: exit code, seconds from the word to the end, and what it wrote to stderr."""

    code: int
    seconds: float
    stderr: str

    def lines(self, start: str) -> list[str]:
        """Returns the lines of stderr that begin so."""
        return [line for line in self.stderr.splitlines() if line.startswith(start)]


class Application:
    """An application that runs."""

    def __init__(self, process: subprocess.Popen[str], errors: Path, started: float) -> None:
        self.process = process
        self.errors = errors
        first = self._answer()
        self.seconds_to_start = time.monotonic() - started
        self.rss_bytes: int = first["rss_bytes"]

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.errors.read_text()
        answer: dict[str, Any] = json.loads(line)
        return answer

    def begin(self, seconds: float, rate: float = 500) -> None:
        """Lets load begin; ``finish`` waits for its end."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"load {seconds} {rate}\n")
        self.process.stdin.flush()

    def finish(self) -> dict[str, Any]:
        """Returns what the load that has begun was like."""
        return self._answer()

    def load(self, seconds: float, rate: float = 500) -> dict[str, Any]:
        """Puts load on it; returns what ``load.py`` tells."""
        self.begin(seconds, rate)
        return self.finish()

    def end(self, code: int = 3) -> Ended:
        """Ends it with an exit code."""
        assert self.process.stdin is not None
        began = time.monotonic()
        self.process.stdin.write(f"end {code}\n")
        self.process.stdin.flush()
        self.process.wait(60)
        return Ended(self.process.returncode, time.monotonic() - began, self.errors.read_text())


@contextmanager
def running(
    sink: BookedSink, folder: Path, *arguments: str, command: tuple[str, ...] = (), **chosen: str
) -> Iterator[Application]:
    """Yields an application under ``opentelemetry-instrument`` that exports to a receiver.

    Args:
        sink: the receiver; ``OTEL_EXPORTER_OTLP_ENDPOINT`` among ``chosen`` puts something before it.
        folder: where stderr goes.
        arguments: of the application.
        command: another program in its place, which answers in the same way.
        chosen: variables.
    """
    errors = folder / f"stderr-{time.monotonic_ns()}"
    started = time.monotonic()
    with errors.open("w") as output:
        process = subprocess.Popen(
            [WRAPPER, sys.executable, *(command or (str(LOAD),)), *arguments],
            env=sink.environment(**{**BATCHES, **chosen}),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output, text=True,
        )  # fmt: skip
    with process:
        try:
            yield Application(process, errors, started)
        finally:
            if process.poll() is None:
                process.kill()
