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

    from benchmarks.pipeline.collectors import Collector
    from benchmarks.pipeline.sink import Sink

SENDERS_TO_FIND_THE_RATE = 4
# So many requests wait for an answer at the same time, however slow the Collector gets.
SENDERS_AT_TWICE_THE_RATE = 240
SECONDS_TO_FIND_THE_RATE = 15.0
SECONDS_TO_ANSWER = 60
SECONDS_TO_ARRIVE = 90.0
SECONDS_BETWEEN_OWN_METRICS = 11.0
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
        memory: the highest, in bytes.
        counted: spans that its memory limit refused, as it says itself.
        missing: spans that it took and that one of the sinks has not got.
    """

    carries: float
    seconds: float
    spans: Counter[int]
    memory: int
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


def push(collector: Collector, seconds: float, senders: int, rate: float) -> tuple[Counter[int], int]:
    """Sends from some threads; returns spans by status, and the highest memory in bytes."""
    due, lock, spans, running = numbers(time.monotonic() + seconds, rate), threading.Lock(), Counter[int](), True
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
    highest = 0
    while running:
        highest = max(highest, collector.memory)
        running = any(thread.is_alive() for thread in threads)
        time.sleep(0.1)
    return spans, highest


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
    spans, _ = push(collector, SECONDS_TO_FIND_THE_RATE, SENDERS_TO_FIND_THE_RATE, 0)
    taken = spans[http.HTTPStatus.OK]
    carries = taken / SECONDS_TO_FIND_THE_RATE
    began = time.monotonic()
    spans, highest = push(collector, minutes * 60, SENDERS_AT_TWICE_THE_RATE, 2 * carries / Requests.spans)
    seconds, taken = time.monotonic() - began, taken + spans[http.HTTPStatus.OK]
    missing = drained(sinks, before, taken)
    return Pushed(carries, seconds, spans, highest, own.counter(REFUSED), missing)


def drained(sinks: Sequence[Sink], before: Sequence[int], taken: int) -> int:
    """Waits until every sink has what was taken, and the own metrics have been sent; returns how many are missing."""
    end = time.monotonic() + SECONDS_TO_ARRIVE
    time.sleep(SECONDS_BETWEEN_OWN_METRICS)
    missing = taken
    while missing > 0 and time.monotonic() < end:
        time.sleep(1)
        missing = max(taken - (len(sink.seen()) - had) for sink, had in zip(sinks, before, strict=True))
    return max(0, missing)
