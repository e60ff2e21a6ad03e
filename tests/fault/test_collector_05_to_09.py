"""Cases 5 to 9 of the table of faults: the receiver refuses, takes a part, answers endlessly, or cannot be found."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tests.fault.rig.application import LOAD

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.conservation.books import BookedSink
    from tests.fault.rig.application import Application

    Run = Callable[..., AbstractContextManager[Application]]

LONGEST_EXIT = 5.0
# A resolver that does not answer: it blocks the thread that asks, and then knows nothing.
LOST_RESOLVER = dedent("""\
    import runpy, socket, sys, time
    known = socket.getaddrinfo
    def lost(host, *more, **others):
        if host != "collector.invalid":
            return known(host, *more, **others)
        time.sleep(3)
        raise socket.gaierror(-3, "Temporary failure in name resolution")
    socket.getaddrinfo = lost
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name="__main__")
    """)


@pytest.mark.fault
def test_05_asked_to_come_back_in_an_hour(sink: BookedSink, application: Run, seen) -> None:
    """``503`` with ``Retry-After: 3600``: nobody sleeps for an hour, the queue stays bounded, the exit is in time."""
    sink.status, sink.headers = 503, {"retry-after": "3600"}
    with application(OTEL_EXPORTER_OTLP_TIMEOUT="2") as app:
        first = app.load(1)
        told = app.load(4)
        ended = app.end()
    grown = told["rss_bytes"] - first["rss_bytes"]
    seen(f"{sink.refused} answers, RSS {grown / 1e6:+.1f} MB, exit {ended.seconds:.1f} s, {sink.lost()}")
    assert (told["failed"], ended.code) == (0, 3)
    assert ended.seconds <= LONGEST_EXIT
    assert grown <= 15_000_000
    assert sink.lost()["http_5xx"] > 0
    # Each batch is asked for once: an hour is more than any delivery has.
    assert sink.refused >= 5


@pytest.mark.parametrize(("status", "reason"), [(400, "http_4xx"), (413, "too_large")])
def test_06_refused_for_good(sink: BookedSink, application: Run, seen, status: int, reason: str) -> None:
    """Each batch is refused: none is sent again, and each span is counted with the reason."""
    sink.status = status
    with application() as app:
        told = app.load(2)
        ended = app.end()
    seen(f"{status}: {sink.lost()} of {sink.started()}")
    assert (told["failed"], ended.code) == (0, 3)
    assert sink.lost() == {reason: sink.started()}


def test_07_takes_a_part(sink: BookedSink, application: Run, seen) -> None:
    """A 200 that rejects 30 % of each request: what was rejected is booked as such, and the rest as delivered."""
    sink.rejects = 0.3
    with application() as app:
        app.load(2)
        app.end()
    seen(f"{sink.rejected} rejected by the receiver, booked {sink.lost()} of {sink.started()}")
    assert sink.rejected > 0
    assert sink.lost() == {"rejected": sink.rejected}
    assert len(sink.spans()) == sink.started() - sink.rejected


def test_08_answers_one_byte_a_second(sink: BookedSink, application: Run, seen) -> None:
    """An answer that never ends is given up with the delivery's time, and the exit is in time."""
    sink.dribble = 1.0
    with application(OTEL_EXPORTER_OTLP_TIMEOUT="2") as app:
        told = app.load(6)
        ended = app.end()
    seen(f"exit {ended.seconds:.1f} s, {sink.lost()} of {sink.started()}")
    assert (told["failed"], ended.code) == (0, 3)
    assert ended.seconds <= LONGEST_EXIT
    assert sink.lost()["timeout"] > 0
    assert sink.spans() == []


def test_08_body_of_a_gigabyte(sink: BookedSink, application: Run, seen) -> None:
    """Of a body of any size the beginning is read: memory stays, and what the status said counts."""
    with application() as app:
        first = app.load(3)
        sink.body_bytes = 1_000_000_000
        told = app.load(4)
        ended = app.end()
    grown = told["rss_bytes"] - first["rss_bytes"]
    seen(f"RSS {grown / 1e6:+.1f} MB, exit {ended.seconds:.1f} s, {len(sink.spans())} of {sink.started()} delivered")
    assert (told["failed"], ended.code) == (0, 3)
    assert ended.seconds <= LONGEST_EXIT
    assert grown <= 5_000_000
    assert len(sink.spans()) == sink.started()


@pytest.mark.fault
def test_09_name_cannot_be_resolved(sink: BookedSink, application: Run, tmp_path: Path, seen) -> None:
    """The resolver blocks whoever asks it: that is the exporter's thread and no other, and the exit does not wait."""
    script = tmp_path / "resolver.py"
    script.write_text(LOST_RESOLVER)
    with application(
        command=(str(script), str(LOAD)), OTEL_EXPORTER_OTLP_ENDPOINT="http://collector.invalid:4318"
    ) as app:
        told = app.load(5)
        ended = app.end()
    seen(f"longest request {told['longest_us'] / 1e3:.1f} ms, exit {ended.seconds:.1f} s, {sink.lost()}")
    assert (told["failed"], ended.code) == (0, 3)
    assert ended.seconds <= LONGEST_EXIT + 1
    # A request that had waited for the resolver would have taken three seconds.
    assert told["longest_us"] < 2_000_000
    assert sink.spans() == []
