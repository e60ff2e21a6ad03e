"""The commands with the real Collector behind them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from demo.parts.ports import free_port
from otelmon.operate.cli.main import main
from otelmon.operate.collector import build, configuration
from tests.collector.conftest import answers

if TYPE_CHECKING:
    from pathlib import Path

    from tests.otlp_sink import OtlpSink

pytestmark = pytest.mark.parts

OTELMON = [sys.executable, "-m", "otelmon.operate.cli.main"]


@pytest.mark.parametrize("profile", configuration.profiles())
def test_every_profile_is_valid(
    profile: str, collector_program: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real Collector accepts each shipped profile with its defaults."""
    for name in [each for each in os.environ if each.startswith("OTELMON_COLLECTOR_")]:
        monkeypatch.delenv(name)
    assert collector_program.is_file()
    assert main(["collector", "validate", "--profile", profile]) == 0, capsys.readouterr()


def test_a_wrong_file_is_a_finding(tmp_path: Path, collector_program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An own file that names a component of which the Collector knows nothing is told with its name."""
    assert collector_program.is_file()
    own = tmp_path / "own.yaml"
    own.write_text("exporters:\n  pigeon:\n")
    assert main(["collector", "validate", "--profile=dev", "--config", str(own)]) == 1
    assert "pigeon" in capsys.readouterr().out


def test_the_cached_program_comes_at_once(collector_program: Path) -> None:
    """A second build takes less than two seconds and gives the same program."""
    started = time.monotonic()
    assert build.collector_program() == collector_program
    assert time.monotonic() - started < 2


def test_the_program_says_its_version(collector_program: Path) -> None:
    """The program is the pinned version."""
    answer = subprocess.run([str(collector_program), "--version"], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "otelmon-collector version 0.155.0"


def test_run_serves_and_ends_on_sigterm(tmp_path: Path, collector_program: Path, sinks: dict[str, OtlpSink]) -> None:
    """`otelmon collector run` answers on its health address, and SIGTERM ends it with exit code 0."""
    assert collector_program.is_file()
    health = free_port()
    environment = {
        **os.environ,
        "OTELMON_COLLECTOR_HEALTH": f"127.0.0.1:{health}",
        "OTELMON_COLLECTOR_OTLP_HTTP": f"127.0.0.1:{free_port()}",
        "OTELMON_COLLECTOR_OTLP_GRPC": f"127.0.0.1:{free_port()}",
        "OTELMON_COLLECTOR_OWN_METRICS_ENDPOINT": f"{sinks['metrics'].endpoint}/v1/metrics",
        "OTELMON_COLLECTOR_QUEUE_DIRECTORY": str(tmp_path / "queue"),
    }
    command = [*OTELMON, "collector", "run", "--profile=dev"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        wait_until_healthy(health, process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0, (tmp_path / "log").read_text()
    finally:
        process.kill()
        process.wait()


def wait_until_healthy(port: int, process: subprocess.Popen[bytes]) -> None:
    """Waits until the health address answers."""
    end = time.monotonic() + 20
    while not answers(port):
        assert time.monotonic() < end, "the collector did not become healthy"
        assert process.poll() is None, "the collector ended"
        time.sleep(0.05)
