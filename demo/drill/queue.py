"""Fills the Collector's queue for a back end that is slow, to a level and on until it is full."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

from demo.drill.http import send, told
from demo.drill.loop import Loops
from demo.drill.pipeline import COLLECTOR, JAEGER
from demo.parts.waiting import wait_for
from demo.readback.http import get_json
from otelmon.operate.drill.fault import Fault, Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.drill.situation import Situation

SIZE, CAPACITY = (f'otelcol_exporter_queue_{each}{{exporter="{JAEGER}"}}' for each in ("size", "capacity"))
SHARE = f"max({SIZE} / {CAPACITY})"
DROPPED = f'sum(otelcol_exporter_enqueue_failed_spans_total{{exporter="{JAEGER}"}})'
# The exporter gives up after ten.
SECONDS_A_REQUEST = 8.0
# Above its level a queue empties a little faster than usual requests fill it, since those do not end with the pieces.
SECONDS_ABOVE_THE_LEVEL = 4.0
SECONDS_TO_GROW = 180.0
# Four pieces a second are ten times what usual requests bring, and a hundredth of the queue.
KILOBYTES_A_PIECE, SECONDS_BETWEEN_PIECES = 128, 0.25
# The Collector tells its size every 10 s; by then the newest piece is told too.
SECONDS_UNTIL_TOLD, SECONDS_BETWEEN_LOOKS = 13.0, 1.0
# The limits of the rules, and the levels at which the queue is held: above the limit, and far from full.
WARNING, CRITICAL = 0.5, 0.8
HELD_FOR_WARNING, HELD_FOR_CRITICAL, NEVER_ENOUGH = 0.65, 0.88, 2.0


class Filling:
    """Holds a queue at a level from now until it is ended, by what it is told of the queue's size.

    As many pieces are sent as are missing, and no more before the Collector has told what became of them: its figure is
    old by up to ten seconds, in which a queue that grows until the figure says so runs over.
    """

    def __init__(self, here: Situation) -> None:
        self._here = here
        self._loops = Loops()
        self._missing = 0
        self._told_at = 0.0

    def slow(self, seconds: float) -> None:
        """Lets the back end take so long for each request."""
        told("PUT", f"{self._here.places.jaeger_gate}/gate", {"delay": seconds})

    def fill(self, level: float, reached: Callable[[], bool]) -> float:
        """Goes to a level, stays there, and returns when something was reached."""
        self._loops.end()
        self._missing, self._told_at = 0, 0.0
        self._loops.begin(lambda: self._go_on(level), SECONDS_BETWEEN_PIECES)
        wait_for(reached, SECONDS_TO_GROW, between=0.5)
        return time.time()

    def end(self) -> None:
        """Ends it; the back end is quick again."""
        self._loops.end()
        self.slow(0.0)

    def _go_on(self, level: float) -> None:
        if self._missing:
            send("POST", f"{self._here.places.collector}/v1/traces", a_piece(KILOBYTES_A_PIECE))
            self._missing -= 1
            self._told_at = time.monotonic() + SECONDS_UNTIL_TOLD
        elif time.monotonic() >= self._told_at:
            share = now(self._here, SHARE)
            self._missing = pieces(level - share, now(self._here, CAPACITY))
            self.slow(SECONDS_ABOVE_THE_LEVEL if share > level else SECONDS_A_REQUEST)
            self._told_at = time.monotonic() + SECONDS_BETWEEN_LOOKS


def pieces(share: float, capacity: float) -> int:
    """Returns how many whole pieces fit into a share of a queue of so many bytes; none into less than nothing."""
    return max(0, int(share * capacity / (KILOBYTES_A_PIECE * 1024)))


def slow_backend(here: Situation) -> Fault:
    """A back end that takes eight seconds for each request, so that a queue grows faster than it empties."""
    filling = Filling(here)

    def begin() -> float:
        filling.slow(SECONDS_A_REQUEST)
        return filling.fill(HELD_FOR_WARNING, lambda: now(here, SHARE) >= WARNING)

    def go_on() -> float:
        return filling.fill(HELD_FOR_CRITICAL, lambda: now(here, SHARE) >= CRITICAL)

    def overflow() -> float:
        before = now(here, DROPPED)
        return filling.fill(NEVER_ENOUGH, lambda: now(here, DROPPED) > before)

    labels = {"exporter": JAEGER}
    return Fault(
        "slow-backend",
        (
            Stage(("OtelmonCollectorQueue", "warning"), "Jaeger takes 8 s a request", begin, labels),
            Stage(("OtelmonCollectorQueue", "critical"), "more spans meanwhile", go_on, labels),
            Stage(("OtelmonCollectorDropping", "critical"), "and more, until it is full", overflow, labels),
        ),
        filling.end,
        uses=frozenset({COLLECTOR, "services"}),
        takes=frozenset({"jaeger"}),
    )


def now(here: Situation, query: str) -> float:
    """Returns what the Collector said of itself the last time; 0 where it has not said so yet."""
    found = get_json(f"{here.places.victoriametrics}/api/v1/query", {"query": query})["data"]["result"]
    return float(found[0]["value"][1]) if found else 0.0


def a_piece(kilobytes: int) -> dict[str, object]:
    """Returns a trace of so many spans of a kilobyte, all marked to be kept, as OTLP in JSON."""
    trace, at = secrets.token_hex(16), time.time_ns()
    attributes = {"text": "x" * 900, "otelmon.keep": "error"}
    spans = [
        {
            "traceId": trace, "spanId": secrets.token_hex(8), "name": "piece", "kind": 1,
            "startTimeUnixNano": str(at), "endTimeUnixNano": str(at + 1000),
            "attributes": [{"key": key, "value": {"stringValue": text}} for key, text in attributes.items()],
        }
        for _ in range(kilobytes)
    ]  # fmt: skip
    service = {"attributes": [{"key": "service.name", "value": {"stringValue": "importer"}}]}
    return {"resourceSpans": [{"resource": service, "scopeSpans": [{"spans": spans}]}]}
