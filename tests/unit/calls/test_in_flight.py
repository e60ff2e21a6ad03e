"""Running calls are known while they run, told of once, and kept alive by nobody."""

from __future__ import annotations

import gc
import threading

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from otelmon.calls.connection_facts import ConnectionFacts
from otelmon.calls.database_call import DatabaseCall
from otelmon.calls.in_flight import InFlight
from otelmon.calls.statement_facts import statement_facts
from otelmon.watch.running import report_running

SECOND = 1_000_000_000
FACTS = ConnectionFacts("postgresql", "db", "127.0.0.1", 5432, 4711)


class _Recorder:
    def __init__(self, limit: int = 10) -> None:
        self.in_flight = InFlight(limit)

    def finish(self, call: DatabaseCall, error: BaseException | None) -> None:
        """Records nothing: only what runs is looked at here."""


def begin(recorder: _Recorder) -> DatabaseCall:
    """Begins one call."""
    return DatabaseCall(recorder, FACTS, statement_facts("SELECT 'planted' FROM items", with_text=True))


def no_line(_: int) -> None:
    """Finds no line of an application."""


def slow(recorder: _Recorder, call: DatabaseCall, seconds: float) -> list:
    """Returns what is told of a call some seconds after its beginning."""
    return list(recorder.in_flight.slow(call.began_ns + int(seconds * SECOND), 500, no_line))


def test_call_is_told_of_at_its_threshold_and_once() -> None:
    """Before the threshold nothing is said, then one thing, then nothing."""
    recorder = _Recorder()
    call = begin(recorder)
    assert [len(slow(recorder, call, seconds)) for seconds in (0.4, 0.5, 0.9)] == [0, 1, 0]
    call.end()
    assert len(recorder.in_flight) == 0


def test_what_is_told() -> None:
    """Facts of connection and statement, the time so far, the application's line, and the span that it runs in."""
    provider = TracerProvider(shutdown_on_exit=False)
    recorder = _Recorder()
    with trace.use_span(provider.get_tracer("t").start_span("page")) as span:
        call = begin(recorder)
    threads = []

    def line(thread_id: int) -> tuple[str, str, int]:
        threads.append(thread_id)
        return ("page", "/srv/app.py", 12)

    (told,) = recorder.in_flight.slow(call.began_ns + SECOND, 500, line)
    assert (told.trace_id, told.span_id) == (span.context.trace_id, span.context.span_id)
    assert threads == [threading.get_ident()]
    assert told.attributes["otelmon.db.duration"] == 1.0
    assert told.attributes["otelmon.db.backend_pid"] == 4711
    assert told.attributes["db.query.text"] == "SELECT ? FROM items"
    assert told.attributes["code.line.number"] == 12
    events: list = []
    report_running([told], lambda name, attributes, **ids: events.append((name, attributes, ids)))
    assert events == [
        ("otelmon.db.slow.running", told.attributes, {"trace_id": told.trace_id, "span_id": told.span_id})
    ]
    call.end()
    provider.shutdown()


def test_call_that_nobody_keeps_is_forgotten() -> None:
    """An asynchronous call whose connection is dropped leaves nothing behind."""
    recorder = _Recorder()
    call = begin(recorder)
    began = call.began_ns
    del call
    gc.collect()
    assert list(recorder.in_flight.slow(began + SECOND, 500, no_line)) == []
    assert len(recorder.in_flight) == 0


def test_table_is_bounded_and_can_be_emptied() -> None:
    """Beyond the limit calls are told of at their end only; a forked child starts empty."""
    recorder = _Recorder(limit=2)
    calls = [begin(recorder) for _ in range(3)]
    assert len(recorder.in_flight) == 2
    recorder.in_flight.clear()
    for call in calls:
        call.end()
    assert len(recorder.in_flight) == 0
