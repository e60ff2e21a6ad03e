"""A delivery ends by its deadline, and a waiting retry can be woken."""

from __future__ import annotations

import threading
import time

import pytest

from otelmon.exporters.session import DeliverySession, NotDelivered
from otelmon.rules.export_retry import is_retryable, next_wait
from tests.otlp_sink import OtlpSink


@pytest.fixture
def sink():
    """Yields a real OTLP receiver."""
    receiver = OtlpSink()
    yield receiver
    receiver.close()


@pytest.fixture
def session():
    """Yields a session."""
    with DeliverySession() as opened:
        yield opened


def post(session: DeliverySession, sink: OtlpSink, timeout: float = 10) -> None:
    """Delivers an empty batch."""
    session.request("POST", f"{sink.endpoint}/v1/traces", data=b"", timeout=timeout)


def test_waiting_retry_is_woken_by_the_shutdown(sink: OtlpSink, session: DeliverySession) -> None:
    """A backoff of an hour does not hold the exit up; one last attempt is made and delivers."""
    sink.statuses, sink.headers = [503], {"retry-after": "30"}
    done = threading.Event()
    thread = threading.Thread(target=lambda: (post(session, sink, timeout=60), done.set()))
    thread.start()
    sink.wait_for(lambda each: each.refused == 1)
    session.finish_by(time.monotonic() + 5)
    assert done.wait(2)
    thread.join()
    assert session.reason is None


def test_no_retry_after_the_shutdown_began(sink: OtlpSink, session: DeliverySession) -> None:
    """A receiver that says no at exit is asked once."""
    sink.status = 503
    session.finish_by(time.monotonic() + 5)
    with pytest.raises(NotDelivered):
        post(session, sink)
    with pytest.raises(NotDelivered):
        post(session, sink)
    assert (sink.refused, session.reason) == (1, "shutdown")


def test_silent_receiver_at_exit_costs_the_deadline(sink: OtlpSink, session: DeliverySession) -> None:
    """The deadline cuts the request's own timeout short."""
    sink.delay = 30
    session.finish_by(time.monotonic() + 0.2)
    began = time.monotonic()
    with pytest.raises(NotDelivered):
        post(session, sink)
    assert time.monotonic() - began < 2
    assert session.reason == "timeout"


def test_passed_deadline_sends_nothing(sink: OtlpSink, session: DeliverySession) -> None:
    """After the deadline a delivery fails at once."""
    session.finish_by(time.monotonic() - 1)
    with pytest.raises(NotDelivered):
        post(session, sink)
    assert (session.reason, sink.raw, session.busy) == ("shutdown", [], False)


def test_fork_forgets_the_parents_wait(session: DeliverySession, sink: OtlpSink) -> None:
    """A child starts with a session that delivers."""
    session.busy = True
    session.after_fork()
    assert not session.busy
    post(session, sink)
    assert session.reason is None


def test_fork_does_not_wait_for_the_parents_locks(session: DeliverySession, sink: OtlpSink) -> None:
    """A lock of connections or cookies that a thread of the parent held at the fork is held for ever in the child."""
    held = (session.get_adapter(sink.endpoint).poolmanager.pools.lock, session.cookies._cookies_lock)

    def hold() -> None:
        for each in held:
            each.acquire()

    def begin() -> None:
        session.after_fork()
        post(session, sink)

    for step in (hold, begin):
        thread = threading.Thread(target=step, daemon=True)
        thread.start()
        thread.join(10)
    assert not thread.is_alive()
    assert session.reason is None


@pytest.mark.parametrize(
    ("status", "expected"), [(429, True), (502, True), (503, True), (504, True), (500, False), (400, False)]
)
def test_retryable_statuses_are_the_protocols(status: int, expected: bool) -> None:
    """The four statuses of the OTLP specification are retried."""
    assert is_retryable(status) is expected


@pytest.mark.parametrize(
    ("attempt", "asked", "remaining", "expected"),
    [
        (1, None, 10, 0.0),
        (2, None, 10, 1.0),
        (3, None, 10, 2.0),
        (9, None, 10, 8.0),
        (9, None, 8, None),
        (1, 5.0, 10, 5.0),
        (1, 3600.0, 10, None),
        (1, None, 0, None),
    ],
)
def test_wait(attempt: int, asked: float | None, remaining: float, expected: float | None) -> None:
    """Waits double, respect the receiver, and never outlast the delivery."""
    assert next_wait(attempt, asked, remaining) == expected


def test_silence_is_told_from_slowness(sink: OtlpSink) -> None:
    """A delivery that has waited for two seconds, and one that has ended by its timeout, are of a silent receiver."""
    now = [100.0]
    with DeliverySession(lambda: now[0]) as session:
        assert not session.is_silent
        session.busy, session._began = True, 99.0
        assert not session.is_silent
        now[0] = 101.0
        assert session.is_silent
    with DeliverySession() as session:
        sink.delay = 30
        with pytest.raises(NotDelivered):
            post(session, sink, timeout=0.1)
        assert session.is_silent
        # The next one has begun and knows nothing yet; the last has waited in vain.
        session.forget()
        session.busy = True
        assert session.is_silent
        sink.delay = 0
        post(session, sink, timeout=5)
        assert not session.is_silent


def test_absent_receiver_is_not_silent(sink: OtlpSink) -> None:
    """Nobody who is there has been waited for."""
    sink.die()
    with DeliverySession() as session:
        with pytest.raises(NotDelivered):
            post(session, sink, timeout=0.2)
        assert not session.is_silent
