"""Pushes twice what a Collector on one processor can carry, and compares what was refused with what it counted."""

from __future__ import annotations

import http.client
import os
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.pipeline.cost_request import Requests

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from typing_extensions import Self

    from benchmarks.pipeline.collectors import Collector
    from benchmarks.pipeline.sink import Sink

SENDERS_TO_FIND_THE_RATE = 4
# So many requests at most wait for an answer at the same time, however slow the Collector gets.
SENDERS_AT_TWICE_THE_RATE = 240
SECONDS_TO_FIND_THE_RATE = 15.0
# An SDK's default: https://opentelemetry.io/docs/specs/otel/protocol/exporter/ (OTEL_EXPORTER_OTLP_TIMEOUT).
SECONDS_TO_ANSWER = 10
SECONDS_TO_ARRIVE = 180.0
SECONDS_BETWEEN_OWN_METRICS = 11.0
ACCEPTED = "otelcol_receiver_accepted_spans"
REFUSED = "otelcol_processor_memory_limiter_refused_spans"
NO_ANSWER = 0


def post(address: str, body: bytes) -> int:
    """Sends one request on a connection of its own; returns the status, or 0 where no answer came."""
    connection = http.client.HTTPConnection(address, timeout=SECONDS_TO_ANSWER)
    try:
        connection.request("POST", "/v1/traces", body, {"content-type": "application/x-protobuf"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return NO_ANSWER
    finally:
        connection.close()


@dataclass(frozen=True)
class Pushed:
    """What went in and came out.

    Args:
        carries: spans a second that it took from senders that wait for each answer.
        seconds: of pushing.
        spans: by the status of the answer.
        memory: the highest until everything was delivered, in bytes.
        accepted: spans that it took, as it says itself, those included whose sender had stopped waiting for the answer.
        counted: spans that its memory limit refused, as it says itself.
        missing: spans that it took, by its own count, and that one of the sinks has not got.
    """

    carries: float
    seconds: float
    spans: Counter[int]
    memory: int
    accepted: float = 0.0
    counted: float = 0.0
    missing: int = 0

    @property
    def offered(self) -> int:
        """Returns how many spans were sent."""
        return self.spans.total()


def numbers(end: float, rate: float) -> Iterator[int]:
    """Gives a number whenever the next request is due; does not wait for answers.

    Args:
        end: monotonic time of the last one.
        rate: requests a second; 0 for as fast as somebody asks.
    """
    began, number = time.monotonic(), 0
    while (now := time.monotonic()) < end:
        if rate and (early := began + number / rate - now) > 0:
            time.sleep(early)
        yield number
        number += 1


class Memory:
    """Looks at a process's memory ten times a second, and remembers the highest in bytes."""

    def __init__(self, collector: Collector) -> None:
        self.highest = 0
        self._collector, self._end = collector, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._end.wait(0.1):
            self.highest = max(self.highest, self._collector.memory)


def push(collector: Collector, seconds: float, senders: int, rate: float) -> Counter[int]:
    """Sends from some threads; returns spans by status."""
    due, lock, spans = numbers(time.monotonic() + seconds, rate), threading.Lock(), Counter[int]()
    requests = Requests()

    def send() -> None:
        while True:
            with lock:
                if next(due, None) is None:
                    return
                body = requests.next()
            status = post(collector.http, body)
            with lock:
                spans[status] += requests.spans

    threads = [threading.Thread(target=send) for _ in range(senders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return spans


def overload(collector: Collector, sinks: Sequence[Sink], own: Sink, minutes: float) -> Pushed:
    """Holds the Collector to one processor, finds the rate it carries, then pushes twice as much for some minutes.

    Args:
        collector: a running one.
        sinks: the back ends for traces.
        own: where the Collector's metrics about itself go.
        minutes: of pushing.
    """
    if collector.process is not None:
        for thread in Path(f"/proc/{collector.process.pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {min(os.sched_getaffinity(0))})
    before = [len(sink.seen()) for sink in sinks]
    with Memory(collector) as memory:
        taken = push(collector, SECONDS_TO_FIND_THE_RATE, SENDERS_TO_FIND_THE_RATE, 0)[http.HTTPStatus.OK]
        carries = taken / SECONDS_TO_FIND_THE_RATE
        began = time.monotonic()
        spans = push(collector, minutes * 60, SENDERS_AT_TWICE_THE_RATE, 2 * carries / Requests.spans)
        seconds = time.monotonic() - began
        missing = drained(sinks, before, own)
    return Pushed(carries, seconds, spans, memory.highest, own.counter(ACCEPTED) - taken, own.counter(REFUSED), missing)


def drained(sinks: Sequence[Sink], before: Sequence[int], own: Sink) -> int:
    """Waits until every sink has what the Collector says that it took; returns how many spans are missing.

    Its count is newest when it has come twice with the same value: what nobody waits for any more is taken later.
    """
    end, missing, accepted = time.monotonic() + SECONDS_TO_ARRIVE, 1, -1.0
    while (missing > 0 or own.counter(ACCEPTED) != accepted) and time.monotonic() < end:
        accepted = own.counter(ACCEPTED)
        time.sleep(SECONDS_BETWEEN_OWN_METRICS)
        missing = int(
            max(own.counter(ACCEPTED) - (len(sink.seen()) - had) for sink, had in zip(sinks, before, strict=True))
        )
    return missing
