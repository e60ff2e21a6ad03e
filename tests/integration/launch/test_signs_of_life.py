"""A real application under ``opentelemetry-instrument`` sends canaries and beats on the second road."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.integration.launch.conftest import WRAPPER
from tests.otlp_sink import attributes_of

if TYPE_CHECKING:
    from pathlib import Path

APPLICATION = "import sys, time; print('up', flush=True); sys.stdin.readline()"


@pytest.fixture
def application(sink, tmp_path: Path):
    """Yields a running application with canaries and a heartbeat file; a line on its stdin ends it."""
    sink.incomplete = "the application is killed"
    env = sink.environment() | {
        "OTEL_SERVICE_NAME": "living",
        "OTEL_TRACES_SAMPLER": "traceidratio",
        "OTEL_TRACES_SAMPLER_ARG": "0.0001",
        "OTEL_BSP_SCHEDULE_DELAY": "100",
        "OTELMON_CANARY_INTERVAL": "500",
        "OTELMON_HEARTBEAT_DIRECTORY": str(tmp_path / "beats"),
        "OTELMON_HEARTBEAT_INTERVAL": "1000",
    }
    with subprocess.Popen(
        [*WRAPPER, sys.executable, "-c", APPLICATION], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        if process.poll() is None:
            process.kill()


def signs(folder: Path) -> list[dict]:
    """Returns what the files of a folder say."""
    return [json.loads(path.read_text()) for path in folder.glob("*.heartbeat.json")]


def wait_for_a_sign(folder: Path) -> dict:
    """Waits until a process has given one and returns it."""
    end = time.monotonic() + 90
    while not signs(folder):
        assert time.monotonic() < end, "no heartbeat file"
        time.sleep(0.05)
    return signs(folder)[0]


def canaries(sink) -> dict[bytes, set[str]]:
    """Returns the names of the canary spans of each trace."""
    found: dict[bytes, set[str]] = {}
    for span in sink.spans():
        if attributes_of(span).get("otelmon.canary"):
            found.setdefault(span.trace_id, set()).add(span.name)
    return found


@pytest.mark.usefixtures("application")
def test_both_spans_of_every_canary_pass_a_head_sampler(sink) -> None:
    """At a head sampling of 0.01 % canary after canary arrives, whole."""
    sink.wait_for(lambda sink: len(canaries(sink)) >= 3, 90)
    first = list(canaries(sink).values())[:-1]
    assert first == [{"otelmon.canary", "otelmon.canary.kept"}] * len(first)


def test_the_file_is_there_while_the_process_lives(application, tmp_path: Path) -> None:
    """A process that runs has a file with its service; one that ends orderly has none."""
    sign = wait_for_a_sign(tmp_path / "beats")
    assert sign["service"] == "living"
    application.communicate("end\n", timeout=60)
    assert signs(tmp_path / "beats") == []


def test_a_killed_process_leaves_a_file_that_grows_old(application, tmp_path: Path) -> None:
    """After kill -9 the file stays and says when the process was alive last: that is the alarm."""
    wait_for_a_sign(tmp_path / "beats")
    application.send_signal(signal.SIGKILL)
    application.wait(10)
    (left,) = signs(tmp_path / "beats")
    assert left["beat"] <= time.time()


def test_the_next_start_tells_of_the_killed(application, sink, tmp_path: Path) -> None:
    """A process that is started after a kill says so in one line, with the number of the one that was killed."""
    wait_for_a_sign(tmp_path / "beats")
    application.send_signal(signal.SIGKILL)
    application.wait(10)
    environment = sink.environment() | {
        "OTEL_SERVICE_NAME": "living",
        "OTELMON_HEARTBEAT_DIRECTORY": str(tmp_path / "beats"),
        "OTELMON_HEARTBEAT_INTERVAL": "1000",
    }
    errors = tmp_path / "stderr"
    with (
        errors.open("w") as output,
        subprocess.Popen(
            [*WRAPPER, sys.executable, "-c", APPLICATION],
            env=environment,
            stdin=subprocess.PIPE,
            stderr=output,
            text=True,
        ) as process,
    ):
        end = time.monotonic() + 90
        while "unclean_stop" not in errors.read_text() and time.monotonic() < end:
            time.sleep(0.05)
        process.communicate("end\n", timeout=60)
    assert [line.split()[:2] for line in errors.read_text().splitlines()] == [
        ["unclean_stop", f"pid={application.pid}"]
    ]
