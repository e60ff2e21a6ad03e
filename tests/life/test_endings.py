"""Every way in which a process ends: in time, with the exit code it would have had, and the loss that is documented."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.life.serving import BIN, SECONDS_OF_THE_SERVER, SHUTDOWN_SECONDS, environment

if TYPE_CHECKING:
    from tests.otlp_sink import OtlpSink

PROGRAM = str(Path(__file__).with_name("children.py"))
LIMIT = SHUTDOWN_SECONDS + SECONDS_OF_THE_SERVER
ENDS = re.compile(r"^ends ([\d.]+)$", re.MULTILINE)
# So slow that nothing leaves before the end: what arrives has been delivered by the end itself.
SLOW = {"OTEL_BSP_SCHEDULE_DELAY": "60000"}


class Ended(NamedTuple):
    """Holds what a program left behind."""

    code: int
    made: list[str]
    arrived: list[str]
    written: str


def run(sink: OtlpSink, folder: Path, *arguments: str, noise: str = "Traceback") -> Ended:
    """Runs the program to its end; ``noise`` is what must not be in what it writes."""
    told, written = folder / "told.txt", folder / "written.txt"
    with told.open("wb") as out, written.open("wb") as err:
        process = subprocess.Popen(
            [BIN / "opentelemetry-instrument", sys.executable, PROGRAM, *arguments],
            env=environment(sink.endpoint, **SLOW),
            stdout=out,
            stderr=err,
        )
        code = process.wait(90)
        ended = time.monotonic()
    text = written.read_text()
    (began,) = ENDS.findall(text)
    assert ended - float(began) < LIMIT, text
    assert noise not in text, text
    arrived = [span.span_id.hex() for span in sink.spans()]
    assert len(arrived) == len(set(arrived))
    return Ended(code, told.read_text().split(), arrived, text)


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        ("process", "fork"),
        ("process", "spawn"),
        # For make test-life; the others run with every change.
        pytest.param("process", "forkserver", marks=pytest.mark.suites),
        pytest.param("pool", "fork", marks=pytest.mark.suites),
        pytest.param("pool", "spawn", marks=pytest.mark.suites),
        pytest.param("pool", "forkserver", marks=pytest.mark.suites),
    ],
)
def test_children_of_multiprocessing(sink: OtlpSink, tmp_path: Path, kind: str, method: str) -> None:
    """Nothing is lost, though most of them end by ``os._exit``; each counts from zero and has a watch."""
    done = run(sink, tmp_path, kind, method, "20")
    assert done.code == 0, done.written
    assert len(done.made) == (63 if kind == "process" else 160)
    assert set(done.made) == set(done.arrived)


def test_hard_exit(sink: OtlpSink, tmp_path: Path) -> None:
    """``os._exit`` loses what is queued, and nothing but that."""
    done = run(sink, tmp_path, "hard_exit", "20")
    assert (done.code, len(done.made), done.arrived) == (7, 20, [])


def test_signal_that_nobody_handles(sink: OtlpSink, tmp_path: Path) -> None:
    """SIGTERM ends a Python without a handler at once: what is queued is lost, as in any Python."""
    done = run(sink, tmp_path, "terminated", "20")
    assert (done.code, len(done.made), done.arrived) == (-15, 20, [])


def test_signal_that_becomes_an_exit(sink: OtlpSink, tmp_path: Path) -> None:
    """Three lines of the application make an orderly end of it."""
    done = run(sink, tmp_path, "terminated_politely", "20")
    assert (done.code, set(done.arrived)) == (143, set(done.made))


def test_threads_that_outlive_the_main_one(sink: OtlpSink, tmp_path: Path) -> None:
    """Spans of threads that Python waits for and of exit handlers arrive; another thread harms nobody."""
    done = run(sink, tmp_path, "threads", "20")
    assert done.code == 0, done.written
    assert len(done.made) == 21
    assert set(done.made) <= set(done.arrived)


def test_exit_within_a_span(sink: OtlpSink, tmp_path: Path) -> None:
    """The span that is left ends by the exit and is delivered with the others."""
    done = run(sink, tmp_path, "within_a_span", "20")
    assert done.code == 5
    assert [span.name for span in sink.spans()].count("left") == 1
    assert set(done.made) <= set(done.arrived)


def test_fork_when_no_thread_can_start(sink: OtlpSink, tmp_path: Path) -> None:
    """A child that is forked while Python ends has no watch; nothing of otelmon is heard, the parent's spans arrive."""
    # The SDK's own handlers of forks print here that they cannot detect resources any more.
    done = run(sink, tmp_path, "no_thread_starts", "20", noise="otelmon")
    assert done.code == 0, done.written
    assert len(done.made) == 22
    assert set(done.made) - set(done.arrived) == {done.made[20]}
