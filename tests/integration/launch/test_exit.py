"""The collector is away: the application neither notices nor waits, and its exit code is its own."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from tests.otlp_sink import attributes_of

OFFICIAL_DISTRO = Path(__file__).parents[3] / ".cache" / "distro"
HTTP = {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}
TIMEOUT_MS = 2000
# What starting Python, the wrapper and the instrumentors may take on a busy machine; the wait at exit comes on top.
START_SECONDS = 6.0


@pytest.fixture
def silent():
    """Yields the address of a server that accepts connections and never answers."""
    server = socket.create_server(("127.0.0.1", 0), backlog=64)
    yield f"http://127.0.0.1:{server.getsockname()[1]}"
    server.close()


@pytest.fixture
def refused():
    """Yields an address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"http://127.0.0.1:{port}"


def assert_left_in_time(done, code: int) -> None:
    """Asserts the exit code, the time and the silence of a run without a collector."""
    assert done.code == code, done.stderr
    assert done.seconds < START_SECONDS + TIMEOUT_MS / 1000, done.stderr
    assert len(done.stderr.splitlines()) <= 6, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("code", [0, 3])
def test_refused(run, refused: str, code: int) -> None:
    """Nobody listens."""
    done = run(endpoint=refused, code=code, OTELMON_SHUTDOWN_TIMEOUT=str(TIMEOUT_MS))
    assert_left_in_time(done, code)
    assert "reason=refused" in done.stderr


def test_silent(run, silent: str) -> None:
    """The socket accepts and never answers."""
    done = run(endpoint=silent, code=3, OTELMON_SHUTDOWN_TIMEOUT=str(TIMEOUT_MS))
    assert_left_in_time(done, 3)


@pytest.mark.parametrize("status", [503, 401])
def test_unwilling(run, sink, status: int) -> None:
    """The collector answers, but does not take anything."""
    sink.status, sink.headers = status, {"retry-after": "3600"}
    done = run(code=3, OTELMON_SHUTDOWN_TIMEOUT=str(TIMEOUT_MS))
    assert_left_in_time(done, 3)
    assert f"reason=http_{status // 100}xx" in done.stderr


def test_silent_under_the_official_distro(run, silent: str) -> None:
    """The exporters are the distro's, the exit is bounded all the same."""
    done = run(path=(OFFICIAL_DISTRO,), endpoint=silent, code=3, OTELMON_SHUTDOWN_TIMEOUT=str(TIMEOUT_MS), **HTTP)
    assert done.code == 3, done.stderr
    assert done.seconds < START_SECONDS + TIMEOUT_MS / 1000, done.stderr


def test_timeout_of_zero_leaves_at_once(run, silent: str) -> None:
    """A user who does not want to wait does not."""
    done = run(endpoint=silent, OTELMON_SHUTDOWN_TIMEOUT="0")
    assert done.code == 0
    assert done.seconds < START_SECONDS


def test_all_signals_leave_at_exit(run) -> None:
    """With the collector there, spans, metrics and their books are complete when the process has ended."""
    done = run()
    assert len(done.sink.spans()) == 4
    started = done.sink.metrics()["otelmon.spans.started"].sum.data_points
    assert sum(point.as_int for point in started) >= 0
    assert {attributes_of(point)["exporter"] for point in started} == {"OTLPSpanExporter.http"}


FORKING = """\
import os, sys, threading, time
from opentelemetry import trace
import otelmon.launch.activate as activation
tracer = trace.get_tracer("parent")
with tracer.start_as_current_span("before the fork"):
    pass
children = []
for number in range(3):
    pid = os.fork()
    if pid == 0:
        with tracer.start_as_current_span(f"child {number}"):
            pass
        active = activation.active()
        counts = active.ledger.snapshot()["OTLPSpanExporter.http"]
        os.write(1, f"child {counts.started} {active.watch.alive}\\n".encode())
        sys.exit(0)
    children.append(pid)
for pid in children:
    assert os.waitpid(pid, 0)[1] == 0
"""


def test_forked_children_have_a_watch_and_books_of_their_own(run, tmp_path) -> None:
    """Each child sends its own span once, counts from zero, and has a living watch thread; the parent's come once."""
    script = tmp_path / "forking.py"
    script.write_text(FORKING)
    done = run(str(script))
    assert done.code == 0, done.stderr
    assert done.stdout.splitlines() == ["child 1 True"] * 3
    assert sorted(span.name for span in done.sink.spans()) == ["before the fork", "child 0", "child 1", "child 2"]


def test_queue_that_is_full_is_counted(run, tmp_path) -> None:
    """Spans that the queue drops are in the books with their reason, and started = delivered + lost."""
    script = tmp_path / "flood.py"
    script.write_text(
        "import time\n"
        "from opentelemetry import trace\n"
        "import otelmon.launch.activate as activation\n"
        "tracer = trace.get_tracer('t')\n"
        "for _ in range(300):\n"
        "    tracer.start_span('x').end()\n"
        "trace.get_tracer_provider().force_flush()\n"
        "counts = activation.active().ledger.snapshot()['OTLPSpanExporter.http']\n"
        "print(counts.started, counts.delivered, counts.lost.get('queue_full'), counts.queued)\n"
    )
    done = run(
        str(script),
        OTEL_BSP_MAX_QUEUE_SIZE="100",
        OTEL_BSP_MAX_EXPORT_BATCH_SIZE="100",
        OTEL_BSP_SCHEDULE_DELAY="60000",
    )
    started, delivered, lost, queued = map(int, done.stdout.replace("None", "0").split())
    assert (started, delivered + lost, queued) == (300, 300, 0)
    assert delivered == len(done.sink.spans())


def test_no_thread_is_left_waiting(run) -> None:
    """The application's own threads are the application's: otelmon adds one."""
    done = run()
    assert done.stdout.count("otelmon-watch") == 1
    assert threading.active_count() >= 1
