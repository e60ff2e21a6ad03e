"""A program for tests of process life: what its first argument names makes spans, and each line names one of them.

A line is written when its span has ended, so that what is written and did not arrive is lost.
"""

from __future__ import annotations

import atexit
import concurrent.futures
import multiprocessing
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

from opentelemetry import trace

from otelmon.launch.activate import active

if TYPE_CHECKING:
    from collections.abc import Callable

_tracer = trace.get_tracer("application")


def span(name: str = "work") -> str:
    """Makes one span and writes its id in one piece."""
    with _tracer.start_as_current_span(name) as made:
        pass
    text = f"{made.get_span_context().span_id:016x}"
    os.write(1, f"{text}\n".encode())
    return text


def say_that_it_ends() -> None:
    """Writes by the clock that all processes share when the program has done its work."""
    os.write(2, f"ends {time.monotonic()}\n".encode())


def work(spans: int) -> bool:
    """Makes spans in a child and tells whether it counts its own only, and is watched."""
    for _ in range(spans):
        span()
    activation = active()
    started = next(iter(activation.ledger.snapshot().values())).started
    return bool(activation.watch.alive and started <= spans)


def _child(spans: int) -> None:
    sys.exit(0 if work(spans) else 3)


def process(method: str, spans: str) -> None:
    """Starts three processes one after the other, in a parent that has spans in its queue."""
    context = multiprocessing.get_context(method)
    for _ in range(3):
        span()
        child = context.Process(target=_child, args=(int(spans),))
        child.start()
        child.join()
        assert child.exitcode == 0, child.exitcode


def pool(method: str, spans: str) -> None:
    """Has an executor's workers make spans, and shuts it down."""
    context = multiprocessing.get_context(method)
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as executor:
        assert all(executor.map(_work_in_a_pool, [int(spans)] * 8))


def _work_in_a_pool(spans: int) -> bool:
    for _ in range(spans):
        span()
    return active().watch.alive


def hard_exit(spans: str) -> None:
    """Ends without a word to anybody."""
    work(int(spans))
    say_that_it_ends()
    os._exit(7)


def terminated(spans: str) -> None:
    """Is ended by a signal that nobody handles."""
    work(int(spans))
    say_that_it_ends()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(60)


def terminated_politely(spans: str) -> None:
    """Has a handler that turns the signal into an exit."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    work(int(spans))
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(60)


def threads(spans: str) -> None:
    """Has a thread that goes on after the main one, a daemon that never ends, and an exit handler that makes a span."""
    main = threading.current_thread()

    def outlive() -> None:
        main.join()
        for _ in range(int(spans)):
            span()

    def for_ever() -> None:
        while True:
            with _tracer.start_as_current_span("daemon"):
                time.sleep(0.001)

    atexit.register(span, "exit")
    threading.Thread(target=outlive).start()
    threading.Thread(target=for_ever, daemon=True).start()


def within_a_span(spans: str) -> None:
    """Exits within a span, which ends by it."""
    work(int(spans))
    with _tracer.start_as_current_span("left"):
        sys.exit(5)


def no_thread_starts(spans: str) -> None:
    """Forks in an exit handler, when Python starts no thread any more."""

    def fork() -> None:
        child = os.fork()
        if child == 0:
            span()
            sys.stdout.flush()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        span("exit")

    atexit.register(fork)
    work(int(spans))


def main() -> None:
    """Runs what is asked for."""
    kinds: dict[str, Callable[..., None]] = {
        each.__name__: each
        for each in (
            process,
            pool,
            hard_exit,
            terminated,
            terminated_politely,
            threads,
            within_a_span,
            no_thread_starts,
        )
    }
    try:
        kinds[sys.argv[1]](*sys.argv[2:])
    finally:
        say_that_it_ends()


if __name__ == "__main__":
    main()
