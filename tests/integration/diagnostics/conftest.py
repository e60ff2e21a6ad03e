"""Runs applications under ``opentelemetry-instrument`` with diagnostics switched on, and reads what they tell."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.otlp_sink import OtlpSink, attributes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WRAPPER = str(Path(sys.executable).parent / "opentelemetry-instrument")
THRESHOLD_MS = 500


@dataclass
class Told:
    """Holds what an application has told."""

    sink: OtlpSink
    process: subprocess.Popen[str]

    def line(self) -> str:
        """Returns the next line that the application prints."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def go_on(self) -> None:
        """Lets the application go on, which waits for a line."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def events(self, name: str) -> list[Any]:
        """Returns the events of a name."""
        return [each for each in self.sink.events() if each.event_name == name]

    def event(self, name: str, **wanted: object) -> Any:
        """Waits for an event with some attributes, whose dots are underscores, and returns it."""
        self.sink.wait_for(lambda _: self._found(name, wanted))
        return self._found(name, wanted)[0]

    def _found(self, name: str, wanted: dict[str, object]) -> list[Any]:
        return [each for each in self.events(name) if wanted.items() <= underscored(each).items()]


def underscored(event: Any) -> dict[str, Any]:
    """Returns the attributes of an event with underscores for dots."""
    return {key.replace(".", "_"): value for key, value in attributes_of(event).items()}


@pytest.fixture
def sink() -> Iterator[OtlpSink]:
    """Yields a real OTLP receiver."""
    receiver = OtlpSink()
    yield receiver
    receiver.close()


@pytest.fixture
def run(sink: OtlpSink, tmp_path: Path) -> Callable[..., Any]:
    """Returns a block in which a program runs; it is ended at the end of the block."""

    @contextmanager
    def running(program: str, *arguments: str, **variables: str) -> Iterator[Told]:
        script = tmp_path / "application.py"
        script.write_text(program)
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "OTELMON_"))}
        environment |= {
            "OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint,
            "OTEL_BLRP_SCHEDULE_DELAY": "50",
            "OTEL_BSP_SCHEDULE_DELAY": "50",
            "OTEL_METRIC_EXPORT_INTERVAL": "300",
            "OTELMON_DB_DIAGNOSTICS": "true",
            "OTELMON_SLOW_QUERY_THRESHOLD": str(THRESHOLD_MS),
            **variables,
        }
        with subprocess.Popen(
            [WRAPPER, sys.executable, str(script), *arguments],
            env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            try:
                yield Told(sink, process)
            finally:
                process.kill()

    return running
