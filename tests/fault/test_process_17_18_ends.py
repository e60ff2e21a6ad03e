"""Cases 17 and 18 of the table of faults: odd ways to end, with a receiver that does not answer."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conservation.books import BookedSink
    from tests.fault.rig.proxy import Proxy

pytestmark = pytest.mark.fault

WRAPPER = str(Path(sys.executable).parent / "opentelemetry-instrument")
TIMEOUT_MS = 2000
BEGIN = dedent("""\
    import atexit, sys, threading, time
    from opentelemetry import trace
    tracer = trace.get_tracer("ending")
    for _ in range(50):
        with tracer.start_as_current_span("work"):
            pass
    """)
ENDS = {
    "while a delivery is tried": "time.sleep(0.5)\nprint(time.time(), flush=True)\nsys.exit(5)\n",
    "inside a span": """\
with tracer.start_as_current_span("never ended"):
    print(time.time(), flush=True)
    sys.exit(5)
""",
    "from a thread": """\
thread = threading.Thread(target=lambda: sys.exit(9))
thread.start()
thread.join()
print(time.time(), flush=True)
sys.exit(5)
""",
    "with work of the application at exit": """\
import psycopg2
connection = psycopg2.connect(sys.argv[1])
def last_words():
    cursor = connection.cursor()
    cursor.execute("SELECT 4711")
    print(cursor.fetchone()[0], flush=True)
atexit.register(last_words)
print(time.time(), flush=True)
sys.exit(5)
""",
    "when no thread can be started": """\
def none(self):
    raise RuntimeError("can't start new thread")
threading.Thread.start = none
print(time.time(), flush=True)
sys.exit(5)
""",
}
# No thread at all: the SDK cannot be set up, and the application must not care.
WITHOUT_THREADS = dedent("""\
    import threading
    def none(self):
        raise RuntimeError("can't start new thread")
    threading.Thread.start = none
    import otelmon
    otelmon.instrument()
    from opentelemetry import trace
    with trace.get_tracer("ending").start_as_current_span("work"):
        print("worked")
    """)


@pytest.mark.parametrize("silent", [True, False], ids=["silent", "there"])
@pytest.mark.parametrize("end", ENDS)
def test_17_ends_in_time(  # noqa: PLR0913, PLR0917 - fixtures and parameters
    sink: BookedSink, door: Proxy, tmp_path: Path, postgres_dsn: str, end: str, silent: bool, seen
) -> None:
    """The exit code is the application's, the end comes in time, there is no traceback, and the books balance."""
    script = tmp_path / "ending.py"
    script.write_text(BEGIN + ENDS[end])
    door.frozen = silent
    done = subprocess.run(
        [WRAPPER, sys.executable, str(script), postgres_dsn],
        env=sink.environment(
            OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{door.port}",
            OTELMON_SHUTDOWN_TIMEOUT=str(TIMEOUT_MS), OTEL_BSP_SCHEDULE_DELAY="100",
        ),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    took = time.time() - float(done.stdout.split()[0])
    seen(f"{end}, receiver {'silent' if silent else 'there'}: {took:.1f} s, lost {sink.lost()} of {sink.started()}")
    assert done.returncode == 5, done.stderr
    assert took <= TIMEOUT_MS / 1000 + 1.5
    assert "Traceback" not in done.stderr, done.stderr
    if "at exit" in end:
        assert "4711" in done.stdout
    assert sink.started() >= 50
    assert sum(sink.lost().values()) == (sink.started() if silent else 0)


def test_18_no_thread_from_the_beginning(sink: BookedSink, tmp_path: Path, seen) -> None:
    """Where not one thread can start the application runs as ever, and is told in a line or two."""
    script = tmp_path / "threadless.py"
    script.write_text(WITHOUT_THREADS)
    done = subprocess.run(
        [sys.executable, str(script)], env=sink.environment(), capture_output=True, text=True, timeout=60, check=False
    )
    seen(f"exit code {done.returncode}, {len(done.stderr.splitlines())} lines on stderr")
    assert (done.returncode, done.stdout) == (0, "worked\n"), done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    assert len(done.stderr.splitlines()) <= 4, done.stderr
