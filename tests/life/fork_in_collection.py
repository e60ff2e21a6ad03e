"""A program for a test: it forks while its metrics are collected, and while they are exported."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING

from opentelemetry import metrics, trace

if TYPE_CHECKING:
    from collections.abc import Iterable

SECONDS_TO_COLLECT = 20.0
_collecting, _forked = threading.Event(), threading.Event()
_parent = os.getpid()


def slow(_: metrics.CallbackOptions) -> Iterable[metrics.Observation]:
    """Keeps the parent within its collection until it has forked."""
    if os.getpid() == _parent:
        _collecting.set()
        _forked.wait(SECONDS_TO_COLLECT)
    return [metrics.Observation(1)]


def main() -> None:
    """Forks one child, which counts once, makes a span and ends."""
    meter = metrics.get_meter("application")
    counter = meter.create_counter("made.by.child")
    meter.create_observable_gauge("slow", [slow])
    assert _collecting.wait(SECONDS_TO_COLLECT)
    child = os.fork()
    if child == 0:
        counter.add(1)
        with trace.get_tracer("application").start_as_current_span("child"):
            pass
        sys.exit(0)
    os.waitpid(child, 0)
    _forked.set()


if __name__ == "__main__":
    main()
