"""Cases 11 and 12 of the table of faults: the network is cut without a word, and there is more than can be sent."""

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


@pytest.mark.fault
def test_11_packets_are_dropped_without_a_reset(sink: BookedSink, application: Run, door: Proxy, seen) -> None:
    """A connection that worked leads nowhere: requests go on, and after the repair spans arrive soon."""
    with application(
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{door.port}", OTEL_EXPORTER_OTLP_TIMEOUT="2"
    ) as app:
        app.load(1)
        door.frozen = True
        told = app.load(5)
        door.thaw()
        before, repaired = len(sink.raw), time.monotonic()
        app.begin(4)
        sink.wait_for(lambda each: any(path == "/v1/traces" for path, _ in each.raw[before:]), 30)
        recovered = time.monotonic() - repaired
        after = app.finish()
        ended = app.end()
    seen(f"first span after {recovered:.1f} s, {sink.lost()} of {sink.started()}")
    assert (told["failed"], after["failed"], ended.code) == (0, 0, 3)
    assert recovered <= 10
    assert set(sink.lost()) <= {"timeout", "queue_full", "refused"}
    assert sink.lost()["timeout"] > 0


def test_12_more_than_the_queue_holds(sink: BookedSink, application: Run, seen) -> None:
    """A receiver too slow for the rate: the oldest are dropped and counted; begin and end of the loss are said once."""
    sink.delay = 0.5
    with application(OTEL_BSP_MAX_QUEUE_SIZE="500", OTEL_BSP_MAX_EXPORT_BATCH_SIZE="100") as app:
        told = app.load(5, 1000)
        sink.delay = 0.0
        calm = app.load(2, 50)
        ended = app.end()
    seen(f"{sink.lost()} of {sink.started()}, p99 {told['p99_us']:.0f} us")
    assert (told["failed"], calm["failed"], ended.code) == (0, 0, 3)
    assert set(sink.lost()) == {"queue_full"}
    # The newest of the flood came through, older ones did not: it is the oldest that go.
    flood = [attributes_of(span)["test.number"] for span in sink.spans() if span.name == "request"]
    assert told["requests"] - 1 in flood
    assert len(ended.lines("spans_lost_begins")) == 1, ended.stderr
    assert "reason=queue_full" in ended.lines("spans_lost_begins")[0]
    assert len(ended.lines("spans_lost_ends")) == 1, ended.stderr
