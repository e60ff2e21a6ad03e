"""The watch thread runs its tasks, survives their errors, and shuts down once."""

from __future__ import annotations

import threading
import time

import pytest

from otelmon import guard
from otelmon.watch.thread import Watch


@pytest.fixture
def _lenient():
    guard.set_strict(False)
    yield
    guard.reset()
    guard.set_strict(True)


@pytest.mark.usefixtures("_lenient")
def test_failing_task_does_not_stop_the_others() -> None:
    """One raising task leaves the heartbeat and the next task alone."""
    ran = threading.Event()
    watch = Watch([("bad", lambda: 1 / 0), ("good", ran.set)], lambda: None, interval=0.01)
    watch.start()
    assert ran.wait(5)
    assert watch.alive
    assert watch.beat > 0
    watch.stop()
    assert not watch._thread.is_alive() or watch._done.is_set()


def test_finish_runs_the_shutdown_and_says_so() -> None:
    """The shutdown has run when finish returns True."""
    shut = []
    watch = Watch([], lambda: shut.append(1), interval=60)
    watch.start()
    watch.start()
    assert watch.finish(5)
    assert shut == [1]


def test_finish_does_not_wait_longer_than_it_may() -> None:
    """A shutdown that hangs is left behind."""
    release = threading.Event()
    watch = Watch([], lambda: release.wait(30), interval=60)
    watch.start()
    began = time.monotonic()
    assert not watch.finish(0.1)
    assert time.monotonic() - began < 2
    release.set()


def test_finish_without_a_thread_returns_at_once() -> None:
    """Where no thread could start there is nothing to wait for."""
    assert not Watch([], lambda: None).finish(5)


def test_after_fork_starts_a_thread_of_its_own() -> None:
    """A child gets its own thread; one that never had one stays without."""
    idle = Watch([], lambda: None)
    idle.after_fork()
    assert not idle.alive
    watch = Watch([], lambda: None, interval=60)
    watch.start()
    first = watch._thread
    watch.after_fork()
    assert watch.alive
    assert watch._thread is not first
    watch.stop()
