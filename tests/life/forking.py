"""A program for a test: threads make spans while the main one forks at random moments, also within a span.

argv: how many forks, and how many children live at a time. Each child makes one span, writes its id and exits.
"""

from __future__ import annotations

import os
import random
import sys
import threading
import time

from opentelemetry import trace

from otelmon.launch.activate import active

SECONDS_FOR_A_CHILD = 20.0
_tracer = trace.get_tracer("application")


def busy(ended: threading.Event) -> None:
    """Makes spans without end, each within another."""
    while not ended.is_set():
        with _tracer.start_as_current_span("outer"), _tracer.start_as_current_span("inner"):
            pass
        time.sleep(0.005)


def child() -> None:
    """Makes one span, tells its id and whether this process counts from zero and is watched."""
    with _tracer.start_as_current_span("child") as span:
        pass
    activation = active()
    started = sum(each.started for each in activation.ledger.snapshot().values())
    word = f"{span.get_span_context().span_id:016x}" if activation.watch.alive and started == 1 else f"bad-{started}"
    os.write(1, f"{word}\n".encode())
    sys.exit(0)


def reap(children: dict[int, float], most: int) -> int:
    """Waits until at most so many children are left; returns how many did not end well."""
    bad = 0
    while len(children) > most:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid:
            children.pop(pid)
            bad += status != 0
            continue
        late = [each for each, began in children.items() if time.monotonic() - began > SECONDS_FOR_A_CHILD]
        for each in late:
            os.kill(each, 9)
        time.sleep(0.001)
    return bad


def main() -> None:
    """Forks."""
    forks, together = int(sys.argv[1]), int(sys.argv[2])
    ended = threading.Event()
    threads = [threading.Thread(target=busy, args=(ended,)) for _ in range(3)]
    for each in threads:
        each.start()
    children: dict[int, float] = {}
    bad = 0
    for number in range(forks):
        time.sleep(random.random() * 0.005)  # noqa: S311 - a moment, no secret
        with _tracer.start_as_current_span("within") if number % 2 else trace.use_span(trace.INVALID_SPAN):
            pid = os.fork()
            if pid == 0:
                ended.set()
                child()
        children[pid] = time.monotonic()
        bad += reap(children, together - 1)
    bad += reap(children, 0)
    ended.set()
    for each in threads:
        each.join()
    print("bad", bad, file=sys.stderr)


if __name__ == "__main__":
    main()
