"""Cases 1 to 4 of the table of faults: the receiver is absent, silent, or dies and comes back."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.otlp_sink import attributes_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tests.conservation.books import BookedSink
    from tests.fault.rig.application import Application
    from tests.fault.rig.proxy import Proxy

    Run = Callable[..., AbstractContextManager[Application]]

LONGEST_EXIT = 5.0
MOST_GROWN = 15_000_000
BATCH, QUEUE = 512, 2048
# Reuses the figures of the SDK's own defaults; a retry waits eight seconds at most, a recovery is not to take ten.
LONGEST_RECOVERY = 10.0


def numbers(sink: BookedSink) -> list[int]:
    """Returns the numbers of the requests that arrived, in order."""
    return sorted(attributes_of(span)["test.number"] for span in sink.spans() if span.name == "request")


def start_of(application: Run, **chosen: str) -> float:
    """Returns the seconds that a start takes."""
    with application(**chosen) as app:
        app.end()
    return app.seconds_to_start


def test_01_refused_from_the_start(sink: BookedSink, application: Run, door: Proxy, seen) -> None:
    """Nobody listens: the application starts as fast, says so once, and counts each span as refused."""
    door.refuse()
    refused = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{door.port}"}
    with application(**refused) as app:
        told = app.load(3)
        ended = app.end()
    later = app.seconds_to_start - start_of(application)
    for _ in range(2):
        # Whatever else runs on the machine makes a start slower, never faster: the fastest of each is compared.
        if later > 0.5:
            later = min(start_of(application, **refused), app.seconds_to_start) - start_of(application)
    seen(f"start {later:+.2f} s, exit {ended.seconds:.1f} s, {sink.lost()}")
    assert later <= 0.5
    assert (told["failed"], ended.code) == (0, 3)
    assert ended.seconds <= LONGEST_EXIT
    assert len(ended.lines("spans_lost_begins")) == 1, ended.stderr
    assert "Traceback" not in ended.stderr
    assert sink.lost()["refused"] > 0
    assert set(sink.lost()) <= {"refused", "queue_full", "shutdown"}


def test_02_accepts_and_never_answers(sink: BookedSink, application: Run, door: Proxy, seen) -> None:
    """A silent receiver: no request fails, memory stays, the exit is bounded, and what is lost is counted."""
    door.frozen = True
    with application(
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{door.port}",
        OTEL_EXPORTER_OTLP_TIMEOUT="2",
    ) as app:
        first = app.load(2)
        told = app.load(6)
        ended = app.end()
    grown = told["rss_bytes"] - first["rss_bytes"]
    seen(f"{told['requests']} requests, RSS {grown / 1e6:+.1f} MB, exit {ended.seconds:.1f} s, {sink.lost()}")
    assert (told["failed"], ended.code) == (0, 3)
    assert ended.seconds <= LONGEST_EXIT
    assert grown <= MOST_GROWN
    assert sum(sink.lost().values()) == sink.started() >= 3 * told["requests"]
    assert {"timeout", "queue_full"} <= set(sink.lost())
    assert len(ended.lines("spans_lost_begins")) == 1, ended.stderr


def test_03_dies_under_load_and_comes_back(sink: BookedSink, application: Run, seen) -> None:
    """Dead for some seconds: nothing fails; afterwards spans arrive soon, none twice, and what is lost is of then."""
    with application() as app:
        first = app.load(2)
        app.begin(12)
        time.sleep(1)
        sink.die()
        before = len(sink.raw)
        time.sleep(5)
        sink.rise()
        rose = time.monotonic()
        sink.wait_for(lambda each: len([path for path, _ in each.raw[before:] if path == "/v1/traces"]) > 0, 30)
        recovered = time.monotonic() - rose
        told = app.finish()
        ended = app.end()
    grown = told["rss_bytes"] - first["rss_bytes"]
    seen(f"first span after {recovered:.1f} s, RSS {grown / 1e6:+.1f} MB, lost {sink.lost()} of {sink.started()}")
    assert (told["failed"], ended.code) == (0, 3)
    assert recovered <= LONGEST_RECOVERY
    assert grown <= MOST_GROWN
    ids = [span.span_id for span in sink.spans()]
    assert len(ids) == len(set(ids))
    arrived = numbers(sink)
    newest = int(told["requests"]) - 1
    # The last request of all has arrived: the exit delivered it.
    assert newest in arrived
    assert len(ended.lines("spans_lost_begins")) == len(ended.lines("spans_lost_ends")) <= 1, ended.stderr


@pytest.mark.fault
def test_04_dies_again_and_again(sink: BookedSink, application: Run, seen) -> None:
    """Killed every three seconds: no request fails, and each death costs a full queue and one batch at most."""
    deaths = 3
    with application() as app:
        app.begin(3 * deaths)
        for _ in range(deaths):
            time.sleep(2)
            sink.die()
            time.sleep(0.7)
            sink.rise()
        told = app.finish()
        ended = app.end()
    seen(f"{deaths} deaths, lost {sink.lost()} of {sink.started()}")
    assert (told["failed"], ended.code) == (0, 3)
    assert sum(sink.lost().values()) <= deaths * (QUEUE + BATCH)
    assert len(sink.spans()) >= sink.started() - deaths * (QUEUE + BATCH)
