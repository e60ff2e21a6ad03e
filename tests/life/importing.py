"""A program for a test: it tells which modules are imported by other threads than the main one."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time

from opentelemetry import metrics, trace

from otelmon.launch.activate import active

SECONDS_TO_DELIVER = 20.0
_imported: set[str] = set()


def watch(event: str, arguments: tuple[object, ...]) -> None:
    """Notes an import; an audit hook, for there is no other way to see those that come too late to be patched."""
    if event == "import" and threading.current_thread() is not threading.main_thread():
        _imported.add(str(arguments[0]))


def main() -> None:
    """Has each signal delivered once."""
    metrics.get_meter("application").create_counter("counted").add(1)
    logging.getLogger("application").warning("logged")
    with trace.get_tracer("application").start_as_current_span("span"):
        pass
    activation = active()
    end = time.monotonic() + SECONDS_TO_DELIVER
    while time.monotonic() < end and any(each._began == 0.0 or each.busy for each in activation.sessions.all):
        time.sleep(0.02)
    os.write(1, " ".join(sorted(_imported)).encode())


if __name__ == "__main__":
    sys.addaudithook(watch)
    main()
