"""A thread of otelmon lets others go on while it encodes, and leaves them no large piece to wait for."""

from __future__ import annotations

import time
import weakref
from typing import TYPE_CHECKING

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanContext, TraceFlags

from otelmon.exporters.encoded_export import EncodedExport, taken_from
from otelmon.exporters.session import DeliverySession
from otelmon.exporters.span_bytes import SpanEncoder
from otelmon.exporters.span_requests import requests_of
from otelmon.exporters.turns import LONGEST_HOLD, MOMENT, Turns

if TYPE_CHECKING:
    from collections.abc import Sequence

NOTHING = Resource.get_empty()


class Times:
    """Holds a clock that stands still, and what was slept; each sleep takes as long as another thread computes."""

    def __init__(self, wait: float) -> None:
        self.now, self._wait = 0.0, wait
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Sleeps, and waits for the interpreter."""
        self.slept.append(seconds)
        self.now += self._wait

    def turns(self, *held: float) -> int:
        """Looks after each time held; returns how often it slept."""
        turns = Turns(lambda: self.now, self.sleep)
        for each in held:
            self.now += each
            turns.look()
        return len(self.slept)


@pytest.mark.parametrize(
    ("wait", "held", "expected"),
    [
        pytest.param(0.005, (LONGEST_HOLD,), 0, id="as long as allowed"),
        pytest.param(0.005, (LONGEST_HOLD * 1.01,), 1, id="longer"),
        pytest.param(0.005, (LONGEST_HOLD * 0.6,) * 4, 2, id="in pieces"),
        pytest.param(0.01, (LONGEST_HOLD * 1.01,) * 2, 2, id="a short wait leaves the next turn as it is"),
        pytest.param(0.1, (LONGEST_HOLD * 1.01,) * 2, 1, id="a long wait makes the next turn longer"),
        pytest.param(0.1, (LONGEST_HOLD * 1.01, 0.0101), 2, id="a tenth of the wait"),
    ],
)
def test_turn_ends_in_time(wait: float, held: tuple[float, ...], expected: int) -> None:
    """It lasts for a millisecond, or for a tenth of the wait for it where many threads compute."""
    assert Times(wait).turns(*held) == expected


def test_sleep_is_a_real_one() -> None:
    """To sleep for no time lets the interpreter go, and takes it back before anybody else has woken."""
    times = Times(0)
    times.turns(1)
    assert times.slept == [MOMENT]
    assert 0 < MOMENT < LONGEST_HOLD


def spans(count: int) -> list[ReadableSpan]:
    """Returns spans with ids of their own."""
    sampled = TraceFlags(TraceFlags.SAMPLED)
    return [
        ReadableSpan("SELECT", SpanContext(1, number, False, sampled), resource=NOTHING, attributes={"number": number})
        for number in range(1, count + 1)
    ]


def test_encoding_takes_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """For every two milliseconds of work there was at least one moment for others."""
    slept = []
    monkeypatch.setattr(Turns.__init__, "__defaults__", (time.perf_counter, slept.append))
    many = spans(20_000)
    began = time.thread_time()
    assert sum(number for number, _ in requests_of(SpanEncoder(), many, Turns())) == 20_000
    worked = time.thread_time() - began
    assert worked > 10 * LONGEST_HOLD
    assert len(slept) >= worked / (2 * LONGEST_HOLD)


def test_others_go_on_before_a_request_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """However short the encoding was: what follows cannot be interrupted."""
    done: list[str] = []
    monkeypatch.setattr(Turns.__init__, "__defaults__", (lambda: 0.0, lambda _: done.append("turn")))

    class Exporter(InMemorySpanExporter):
        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            done.append("sent")
            return super().export(spans)

    export = EncodedExport(Exporter(), DeliverySession(), SpanEncoder())
    assert [*export(spans(2))] == [(2, SpanExportResult.SUCCESS)]
    assert done == ["turn", "sent"]


def test_spans_are_let_go_one_by_one() -> None:
    """Only the span at hand is held, and the list that the batch processor forgets afterwards is empty."""
    batch = spans(5)
    seen = [weakref.ref(each) for each in batch]
    order = []
    for span in taken_from(batch):
        order.append(span.attributes["number"])
        del span
        assert [each() is not None for each in seen] == [number not in order for number in range(1, 6)]
    assert order == [1, 2, 3, 4, 5]
    assert batch == []


def test_spans_of_a_tuple_stay() -> None:
    """What cannot be taken from is read alone."""
    batch = tuple(spans(2))
    assert [*taken_from(batch)] == [*batch]
