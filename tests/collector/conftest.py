"""Starts the real Collector, built once into the shared cache, with the configuration that ships."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.request
from typing import TYPE_CHECKING

import pytest

from demo.parts.ports import free_port
from otelmon.operate.collector import build, configuration
from tests.otlp_sink import OtlpSink

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from google.protobuf.message import Message

SECONDS_TO_START = 20.0


def answers(port: int) -> bool:
    """Returns whether a health address says that its Collector is ready."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


class Collector:
    """A running Collector: where it listens, and how it is ended."""

    def __init__(
        self,
        program: Path,
        environment: Mapping[str, str],
        log: Path,
        options: Sequence[str],
        profile: str = "dev",
    ) -> None:
        self.program, self.options, self.log, self.profile = program, options, log, profile
        self.http, self.health = free_port(), free_port()
        self.environment = {
            "OTELMON_COLLECTOR_OTLP_HTTP": f"127.0.0.1:{self.http}",
            "OTELMON_COLLECTOR_OTLP_GRPC": f"127.0.0.1:{free_port()}",
            "OTELMON_COLLECTOR_HEALTH": f"127.0.0.1:{self.health}",
            "OTELMON_COLLECTOR_DECISION_WAIT": "1s",
            **environment,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Collector:
        """Starts the program and waits until its health address answers 200."""
        arguments = (*configuration.arguments(configuration.config_files(self.profile)), *self.options)
        given = configuration.collector_environment({**os.environ, **self.environment})
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([str(self.program), *arguments], env=given, stdout=log, stderr=log)
        end = time.monotonic() + SECONDS_TO_START
        while not answers(self.health):
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"the collector did not start:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.05)
        return self

    def send(self, path: str, message: Message) -> int:
        """Posts one OTLP request and returns the status of the answer."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.http}{path}",
            data=message.SerializeToString(),
            headers={"content-type": "application/x-protobuf"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Sends a signal, waits, and returns the exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait(5)


@pytest.fixture(scope="session")
def collector_program() -> Path:
    """Returns the real program; the first build takes minutes, later ones nothing."""
    return build.collector_program()


@pytest.fixture(scope="module")
def sinks() -> Iterator[dict[str, OtlpSink]]:
    """Gives one OTLP receiver for each back end of the shipped configuration."""
    made = {name: OtlpSink() for name in ("jaeger", "sentry", "metrics")}
    yield made
    for sink in made.values():
        sink.close()


@pytest.fixture(scope="module")
def start_collector(
    collector_program: Path, sinks: dict[str, OtlpSink], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Collector]]:
    """Gives a function that starts a Collector in front of the sinks, with more options and variables where wanted."""
    running: list[Collector] = []

    def start(*options: str, **variables: str) -> Collector:
        folder = tmp_path_factory.mktemp("collector")
        environment = {
            "OTELMON_COLLECTOR_JAEGER_ENDPOINT": sinks["jaeger"].endpoint,
            "OTELMON_COLLECTOR_SENTRY_ENDPOINT": sinks["sentry"].endpoint,
            "OTELMON_COLLECTOR_METRICS_ENDPOINT": f"{sinks['metrics'].endpoint}/v1/metrics",
            "OTELMON_COLLECTOR_OWN_METRICS_ENDPOINT": f"{sinks['metrics'].endpoint}/v1/metrics",
            "OTELMON_COLLECTOR_QUEUE_DIRECTORY": str(folder / "queue"),
            **variables,
        }
        running.append(Collector(collector_program, environment, folder / "log", options))
        return running[-1].start()

    yield start
    for collector in running:
        collector.stop()
