"""The watch thread runs its tasks, survives their errors, and shuts down once."""

from __future__ import annotations

import threading
import time

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from otelmon import guard
from otelmon.records import Checkout
from otelmon.watch.leaks import report_leaks
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


def test_leak_is_a_span_in_the_trace_of_the_checkout_and_an_event() -> None:
    """The span runs from the checkout, carries the pool and the line, and is marked to be kept."""
    exporter, events = InMemorySpanExporter(), []
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    checkout = Checkout("h:5432/db#1", 0, 1_000, 7, 8, 1, "page", "/srv/app.py", 12)
    report_leaks(
        [checkout],
        provider.get_tracer("t"),
        lambda name, attributes, **ids: events.append((name, attributes, ids)),
        3_000_000_000,
    )
    (span,) = exporter.get_finished_spans()
    assert (span.name, span.context.trace_id, span.parent.span_id, span.start_time) == (
        "connection leaked",
        7,
        8,
        1_000,
    )
    facts = {
        "db.client.connection.pool.name": "h:5432/db#1",
        "otelmon.db.client.connection.held": 3.0,
        "code.function.name": "page",
        "code.file.path": "/srv/app.py",
        "code.line.number": 12,
    }
    assert dict(span.attributes) == {**facts, "otelmon.keep": "leak"}
    assert events == [("otelmon.connection.leaked", facts, {"trace_id": 7, "span_id": 8})]
    provider.shutdown()


def test_leak_outside_any_trace_starts_its_own() -> None:
    """A checkout without a span is reported as well, and unknown facts are absent."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    report_leaks([Checkout("p", 0, 1)], provider.get_tracer("t"), lambda *_, **__: None, 1)
    (span,) = exporter.get_finished_spans()
    assert span.parent is None
    assert "code.function.name" not in span.attributes
    provider.shutdown()
