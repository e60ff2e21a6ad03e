"""Case 13 of the table of faults: a server under load is told to end.

gevent and uWSGI, which live outside of the main environment, are in tests/life.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fault.rig.application import BATCHES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from demo.parts.ports import Ports
    from tests.conservation.books import BookedSink
    from tests.fault.rig.proxy import Proxy

WRAPPER = str(Path(sys.executable).parent / "opentelemetry-instrument")
LONGEST_STOP = 5.0
SERVICE = """
from opentelemetry import trace

def application(environ, start_response):
    with trace.get_tracer("served").start_as_current_span("request", kind=trace.SpanKind.SERVER):
        for _ in range(2):
            with trace.get_tracer("served").start_as_current_span("step"):
                pass
    start_response("200 OK", [("content-length", "6")])
    return [b"served"]
"""
KINDS = {"sync": ["--worker-class=sync"], "gthread": ["--worker-class=gthread", "--threads=4"]}


def ask(url: str) -> bool:
    """Tells whether a request was answered rightly."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.read() == b"served"
    except OSError:
        return False


@contextmanager
def asking(url: str) -> Iterator[list[bool]]:
    """Asks again and again in a thread during a block; yields what came of it."""
    ended, told = threading.Event(), []

    def work() -> None:
        while not ended.is_set():
            told.append(ask(url))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield told
    finally:
        ended.set()
        thread.join()


@pytest.mark.parametrize(
    ("kind", "receiver"),
    [
        ("sync", "there"),
        ("gthread", "silent"),
        pytest.param("sync", "silent", marks=pytest.mark.fault),
        pytest.param("gthread", "there", marks=pytest.mark.fault),
    ],
)
def test_13_sigterm_under_load(  # noqa: PLR0913, PLR0917 - fixtures and parameters
    sink: BookedSink, door: Proxy, ports: Ports, tmp_path: Path, kind: str, receiver: str, seen
) -> None:
    """Every answer was right until the end, which comes in five seconds; each span is delivered or counted as lost."""
    (tmp_path / "service.py").write_text(SERVICE)
    sink.forking = True
    address = f"127.0.0.1:{ports.take('served')}"
    door.frozen = receiver == "silent"
    command = [WRAPPER, sys.executable, "-m", "gunicorn", "--workers=2", "--no-control-socket", "--log-level=error"]
    with (tmp_path / "stderr").open("w") as errors:
        server = subprocess.Popen(
            [*command, *KINDS[kind], f"--bind={address}", "service:application"],
            env=sink.environment(
                tmp_path, **BATCHES, OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{door.port}",
                OTELMON_SHUTDOWN_TIMEOUT="4000",
            ),
            cwd=tmp_path, stderr=errors,
        )  # fmt: skip
    try:
        end = time.monotonic() + 60
        while not ask(f"http://{address}/"):
            assert time.monotonic() < end, (tmp_path / "stderr").read_text()
            time.sleep(0.05)
        with asking(f"http://{address}/") as told:
            time.sleep(3)
            good = list(told)
            server.send_signal(signal.SIGTERM)
            began = time.monotonic()
            server.wait(60)
        took = time.monotonic() - began
    finally:
        server.kill()
    lost = sum(sink.lost().values())
    seen(f"{kind}, receiver {receiver}: stopped in {took:.1f} s, lost {lost} of {sink.started()} spans")
    assert good
    assert all(good)
    assert took <= LONGEST_STOP
    assert "Traceback" not in (tmp_path / "stderr").read_text()
    # Both workers and their parent have left a book; what the workers served is in it.
    assert len(sink.books()) == 3
    assert sink.started() >= 3 * len(good)
    assert lost == (0 if receiver == "there" else sink.started())
