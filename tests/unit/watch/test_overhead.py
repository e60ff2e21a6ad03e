"""How otelmon's own share is measured, and what follows from it."""

from __future__ import annotations

import threading
import time

import pytest

from otelmon import guard
from otelmon.registry.shed_work import ShedWork
from otelmon.rules.overhead import ORDER
from otelmon.watch import overhead
from otelmon.watch.entry_meter import EntryMeter
from otelmon.watch.overhead import OverheadWatch
from otelmon.watch.own_threads import OwnThreads, cpu_ns

SITE = guard.site("tests.overhead")
BURNT_NS = 100_000


def burn(ns: int = BURNT_NS) -> None:
    """Uses CPU time on this thread."""
    until = time.thread_time_ns() + ns
    while time.thread_time_ns() < until:
        pass


@pytest.fixture
def meter():
    """Yields a meter in front of the guard."""
    made = EntryMeter(lambda: ())
    guard.put_in_front(made.call)
    yield made
    guard.put_in_front(None)


def test_estimate_is_near_the_truth(meter) -> None:
    """Of 4,000 calls about 250 are timed; their sum stands for all within five times its error of 6 %."""
    spent = time.thread_time_ns()
    for _ in range(4000):
        guard.call(SITE, burn)
    spent = time.thread_time_ns() - spent
    assert meter.spent_ns() == pytest.approx(spent, rel=0.3)
    assert meter.spent_ns() == 0


def test_call_within_a_call_is_not_counted_twice(meter) -> None:
    """Only the outermost counts: the estimate is what the thread spent, not twice that."""

    def outer() -> None:
        guard.call(SITE, burn)

    spent = time.thread_time_ns()
    for _ in range(4000):
        guard.call(SITE, outer)
    spent = time.thread_time_ns() - spent
    assert meter.spent_ns() == pytest.approx(spent, rel=0.3)


def test_own_threads_are_not_counted_on_both_sides() -> None:
    """What a thread of otelmon does behind the guard is known from its clock."""
    made = EntryMeter(lambda: (threading.get_ident(),))
    for _ in range(200):
        made.call(SITE, burn, 1000)
    assert made.spent_ns() == 0


@pytest.mark.usefixtures("meter")
def test_measuring_changes_no_result() -> None:
    """Results, arguments and the swallowing of errors are those of the guard."""
    guard.set_strict(False)
    assert {guard.call(SITE, lambda one, *, two: (one, two), 1, two=2) for _ in range(64)} == {(1, 2)}
    assert {guard.call(SITE, lambda: 1 // 0) for _ in range(64)} == {None}
    assert SITE.errors == 64


def test_nothing_stands_in_front_by_default() -> None:
    """Without a limit the guard is called as it is."""
    assert guard.call is guard.call_unmeasured


def test_clock_of_an_own_thread() -> None:
    """The CPU time of a thread by its name and number; one that has ended costs nothing and breaks nothing."""
    threads, ended = OwnThreads(), threading.Event()
    worker = threading.Thread(name="otelmon-test", target=lambda: (burn(20_000_000), ended.wait()))
    worker.start()
    deadline = time.monotonic() + 10
    spent = 0
    while spent < 20_000_000 and time.monotonic() < deadline:
        spent += threads.spent_ns()
    native_id = worker.native_id
    ended.set()
    worker.join()
    assert 20_000_000 <= spent < 200_000_000
    deadline = time.monotonic() + 10
    while cpu_ns(native_id) is not None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert cpu_ns(native_id) is None
    assert threads.spent_ns() >= 0


@pytest.mark.usefixtures("meter")
def test_watch_sheds_and_says_so(monkeypatch, caplog) -> None:
    """A window above the limit leaves the first kind undone, names it, and keeps the share for gauges."""
    monkeypatch.setattr(overhead, "WINDOW_NS", 0)
    shed, undone = ShedWork(), []
    watch = OverheadWatch(0.01, shed, undone.append)
    guard.put_in_front(watch.meter.call)
    for _ in range(500):
        guard.call(SITE, burn)
    watch.look()
    assert undone == [("plans",)]
    assert shed.now == ORDER[:1]
    assert shed.share > 0.3
    assert "overhead_limit" in caplog.text
    assert "left_undone=plans" in caplog.text


def test_window_is_waited_for(monkeypatch) -> None:
    """Within a window nothing is judged."""
    monkeypatch.setattr(overhead, "WINDOW_NS", 10**12)
    shed = ShedWork()
    watch = OverheadWatch(0.01, shed, lambda _: None)
    watch.look()
    assert shed.share is None
