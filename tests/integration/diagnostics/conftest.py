"""Runs applications under ``opentelemetry-instrument`` with diagnostics switched on, and reads what they tell."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest

from demo.parts.supervisor import Supervisor
from otelmon.calls.recorder import CallRecorder
from otelmon.launch.diagnosis import Diagnosis, diagnosis_of
from otelmon.settings import Settings
from otelmon.watch.thread import Watch
from tests.integration.observing import observing
from tests.otlp_sink import attributes_of
from tests.sql import servers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from otelmon.hooks.protocol import Hook
    from tests.conservation.books import BookedSink
    from tests.integration.psycopg2.conftest import Observation

WRAPPER = str(Path(sys.executable).parent / "opentelemetry-instrument")
THRESHOLD_MS = 500
# One value in most rows, and some in one row each; analyzed once, and never again by itself.
TABLES = """
CREATE TABLE skewed (id int PRIMARY KEY, kind text, n int);
INSERT INTO skewed
  SELECT i, CASE WHEN i % 1000 = 0 THEN 'rare' || i ELSE 'common' END, i FROM generate_series(1, 50000) i;
CREATE INDEX skewed_kind ON skewed (kind);
ANALYZE skewed;
"""


@dataclass
class Told:
    """Holds what an application has told."""

    sink: BookedSink
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
def run(sink: BookedSink, tmp_path: Path) -> Callable[..., Any]:
    """Returns a block in which a program runs; it is ended at the end of the block."""

    @contextmanager
    def running(program: str, *arguments: str, **variables: str) -> Iterator[Told]:
        script = tmp_path / "application.py"
        script.write_text(program)
        sink.incomplete = "the program is killed at the end of its block"
        environment = sink.environment() | {
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


@pytest.fixture(scope="session", params=servers.chosen(), ids=lambda major: f"postgresql-{major or 'here'}")
def shared_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    """Runs a server with pg_stat_statements and auto_explain, whose word is the truth that is compared with.

    The server is the one of the machine; OTELMON_TEST_POSTGRES names others that npm brings.
    """
    supervisor = Supervisor(tmp_path_factory.mktemp("server"))
    options = {
        "shared_preload_libraries": "pg_stat_statements,auto_explain",
        "auto_explain.log_format": "json",
        "max_connections": "30",
    }
    try:
        running = servers.start(supervisor, request.param, options)
        with closing(psycopg2.connect(running.url())) as connection:
            connection.autocommit = True
            connection.cursor().execute("CREATE EXTENSION pg_stat_statements")
            connection.cursor().execute(TABLES)
        yield running
    finally:
        supervisor.stop()


@pytest.fixture
def server(shared_server: servers.Server) -> servers.Server:
    """Returns the server that the tests share, with no session of an earlier test left."""
    shared_server.wait_until_quiet()
    return shared_server


@contextmanager
def diagnosed(*hooks: Hook, threshold_ms: int = 400) -> Iterator[tuple[Observation, Diagnosis]]:
    """Yields what hooks see in this process, with diagnostics on and a watch that runs."""
    with observing(hooks, Settings(slow_query_threshold_ms=threshold_ms, db_diagnostics=True)) as observation:

        def emit(name: str, attributes: Any, *, trace_id: int, span_id: int) -> None:
            observation.events.append((name, dict(attributes), trace_id, span_id))

        calls = observation.registry.calls
        assert isinstance(calls, CallRecorder)
        diagnosis = diagnosis_of(observation.registry, calls.in_flight, emit)
        assert diagnosis is not None
        watch = Watch([("running", diagnosis.report_running)], lambda: None, 0.1)
        watch.start()
        try:
            yield observation, diagnosis
        finally:
            watch.stop()
            diagnosis.diagnostics.worker.close(5)


def events_of(observation: Observation, name: str) -> list[dict[str, Any]]:
    """Returns the attributes of the events of a name."""
    return [attributes for each, attributes, _, _ in observation.events if each == name]


def wait_for(condition: Callable[[], Any], seconds: float = 20.0) -> Any:
    """Waits until something is there, and returns it."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.02)
    return found
