"""Case 15 of the table of faults: forks at bad moments. A thousand at random moments are in tests/life."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conservation.books import BookedSink

WRAPPER = str(Path(sys.executable).parent / "opentelemetry-instrument")
FORKS = 40
# A thread keeps the queue full while the other forks: locks and queue are in any state.
FULL_QUEUE = dedent(f"""\
    import os, sys, threading, time
    from opentelemetry import trace
    tracer = trace.get_tracer("forking")
    ended = threading.Event()
    def flood():
        while not ended.is_set():
            tracer.start_span("of the parent").end()
    thread = threading.Thread(target=flood)
    thread.start()
    time.sleep(0.5)
    children = []
    for number in range({FORKS}):
        child = os.fork()
        if child == 0:
            with tracer.start_as_current_span("of a child"):
                pass
            trace.get_tracer_provider().force_flush()
            os._exit(0)
        children.append(child)
        time.sleep(0.01)
    statuses = [os.waitpid(child, 0)[1] for child in children]
    ended.set()
    thread.join()
    print(statuses == [0] * {FORKS})
    """)
IN_A_CALLBACK = dedent("""\
    import os, time
    from opentelemetry import metrics, trace
    from opentelemetry.metrics import Observation
    statuses = []
    def callback(options):
        # Not at the last collection, when the interpreter ends: there the SDK alone cannot be forked.
        child = os.fork() if len(statuses) < 5 else -1
        if child == 0:
            with trace.get_tracer("forking").start_as_current_span("of a child"):
                pass
            trace.get_tracer_provider().force_flush()
            os._exit(0)
        if child > 0:
            statuses.append(os.waitpid(child, 0)[1])
        yield Observation(len(statuses))
    metrics.get_meter("forking").create_observable_gauge("forking", [callback])
    ends = time.monotonic() + 60
    while len(statuses) < 5 and time.monotonic() < ends:
        time.sleep(0.05)
    print(statuses[:5] == [0] * 5)
    """)


@pytest.mark.parametrize(("program", "children"), [(FULL_QUEUE, FORKS), (IN_A_CALLBACK, 5)], ids=["queue", "callback"])
def test_15_fork_at_a_bad_moment(sink: BookedSink, tmp_path: Path, seen, program: str, children: int) -> None:
    """No child hangs, each sends its own span once, and the parent's spans are sent by the parent alone."""
    script = tmp_path / "forking.py"
    script.write_text(program)
    sink.forking = True
    sink.incomplete = "each child ends by os._exit, after it has delivered its span"
    done = subprocess.run(
        [WRAPPER, sys.executable, str(script)],
        env=sink.environment(OTEL_BSP_MAX_QUEUE_SIZE="256", OTEL_METRIC_EXPORT_INTERVAL="300"),
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    ids = [span.span_id for span in sink.spans()]
    own = [span for span in sink.spans() if span.name == "of a child"]
    of_parent = sum(each["delivered"] for book in sink.books() for each in book.accounts.values())
    seen(f"{len(own)} children, {of_parent} spans of the parent arrived, {sink.lost()}")
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr
    assert len(ids) == len(set(ids))
    assert len(own) >= children
    # Exact, though children leave no book: what is not a child's is what the parent has booked.
    assert of_parent == len(ids) - len(own)
    assert len(sink.books()) == 1
    assert "Traceback" not in done.stderr
