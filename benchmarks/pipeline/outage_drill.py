"""One back end is away while the Collector is killed twice: ``make drill-outage``, ARGS="--minutes 1" for a short one.

Everything is counted by span id at both back ends. The sender tries each refused request again, as an exporter of the
SDK does, so what is missing in the end was taken by the Collector and lost in it.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.pipeline.collectors import Collector, pause
from benchmarks.pipeline.command import run
from benchmarks.pipeline.load import Load, Sent, Shape
from benchmarks.pipeline.sink import Sink
from benchmarks.pipeline.table import machine
from demo.parts import programs
from demo.parts.ports import Ports
from demo.parts.told_to_end import unwind_when_told_to_end
from demo.parts.waiting import wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from demo.parts.steps import Steps

KILLS = 2
TRACES_A_REQUEST = 5
RATE = 20.0
SHAPE = Shape()
DECISION_WAIT = 2
# Decisions are made once a second; a batch leaves its bulkhead after 0.2 s: see the README of collector/.
BULKHEAD = 0.2
BOUND_SECONDS = DECISION_WAIT + 1 + BULKHEAD
SECONDS_TO_CATCH_UP = 300
QUIET = 10.0
# After a long outage a sender tries again after 30 s, and after half as much more by chance: nothing until then means
# nothing yet. See max_interval in collector/conf.d/61-export-sentry.yaml.
LONGEST_PAUSE = 50.0


@dataclass(frozen=True)
class Outcome:
    """What one drill found; spans are counted at the back ends by their ids."""

    minutes: float
    sent: Sent
    steady: tuple[int, int]
    steady_slow: tuple[int, int]
    returned: tuple[int, int]
    returned_slow: tuple[int, int]
    late: float
    queue_bytes: int
    in_outage: int

    @property
    def bound(self) -> int:
        """Returns the most ordinary spans that the kills may have taken."""
        return math.ceil(KILLS * (BOUND_SECONDS * RATE + TRACES_A_REQUEST) * SHAPE.spans)

    @property
    def slow_bound(self) -> int:
        """Returns the most slow spans that the kills may have taken: a bulkhead of them each."""
        return KILLS * math.ceil(BULKHEAD * RATE / SHAPE.slow_every)

    @property
    def holds(self) -> bool:
        """Tells whether everything promised held."""
        ordinary = max(self.steady[0], self.returned[0])
        slow = max(self.steady_slow[0], self.returned_slow[0])
        return ordinary <= self.bound and slow <= self.slow_bound and self.sent.unanswered == 0


def drill(minutes: float, folder: Path, steps: Steps) -> Outcome:
    """Runs the load for so long with one back end away, and kills the Collector at one and two thirds of it."""
    steady, returning = Sink(), Sink()
    variables = {
        "OTELMON_COLLECTOR_JAEGER_ENDPOINT": steady.endpoint,
        "OTELMON_COLLECTOR_SENTRY_ENDPOINT": returning.endpoint,
        "OTELMON_COLLECTOR_METRICS_ENDPOINT": f"{steady.endpoint}/v1/metrics",
        "OTELMON_COLLECTOR_DECISION_WAIT": f"{DECISION_WAIT}s",
    }
    collector = Collector(programs.collector(steps), "single", folder / "collector", Ports(), variables)
    try:
        return _drill(minutes, collector, steady, returning, steps)
    finally:
        collector.stop()
        steady.close()
        returning.close()


def _drill(minutes: float, collector: Collector, steady: Sink, returning: Sink, steps: Steps) -> Outcome:
    collector.start()
    load = Load(collector.http, RATE, SHAPE, again=True, traces_a_request=TRACES_A_REQUEST).start()
    with steps.step("both back ends there"):
        pause(5)
    returning.away = True
    for kill in range(KILLS + 1):
        with steps.step(f"one back end away, {'until the kill' if kill < KILLS else 'until it returns'}"):
            pause(minutes * 60 / (KILLS + 1))
        if kill < KILLS:
            with steps.step("kill -9 and start again"):
                collector.kill()
                collector.start()
    in_outage = load.sent.spans
    queue = collector.queue_bytes
    returning.away, returned_at = False, time.monotonic()
    with steps.step("both back ends there again"):
        pause(5)
        sent = load.stop()
    with steps.step("catching up"):
        late = catch_up(returning, sent, returned_at)
        steady.wait_until_quiet(30, QUIET)
    return Outcome(
        minutes, sent, steady.arrived(sent.ordinary), steady.arrived(sent.slow),
        returning.arrived(sent.ordinary), returning.arrived(sent.slow), late, queue, in_outage,
    )  # fmt: skip


def catch_up(sink: Sink, sent: Sent, began: float) -> float:
    """Waits until everything is there or nothing comes any more; returns the seconds until the last span came."""
    wait_for(lambda: sink.newest > began, LONGEST_PAUSE)
    wait_for(lambda: sink.arrived([*sent.ordinary, *sent.slow])[0] == 0, 20, between=1)
    sink.wait_until_quiet(SECONDS_TO_CATCH_UP, LONGEST_PAUSE)
    return max(0.0, sink.newest - began)


def table(found: Outcome) -> list[str]:
    """Returns the outcome as lines of Markdown."""
    sent = found.sent
    rows = [
        ("back end that stayed", found.steady, found.steady_slow),
        ("back end that was away", found.returned, found.returned_slow),
    ]
    return [
        f"One back end away for {found.minutes:g} min, the Collector killed with -9 {KILLS} times meanwhile; profile",
        f"`single`, {RATE:g} traces/s of {SHAPE.spans} spans, a slow query in each {SHAPE.slow_every}th.",
        f"{machine()}.",
        "",
        "| at the | ordinary spans sent | lost | arrived twice | slow spans sent | lost | arrived twice |",
        "|---|---:|---:|---:|---:|---:|---:|",
        *(
            f"| {name} | {len(sent.ordinary):,} | {ordinary[0]:,} | {ordinary[1]:,} "
            f"| {len(sent.slow):,} | {slow[0]:,} | {slow[1]:,} |"
            for name, ordinary, slow in rows
        ),
        "",
        f"- Bounds: {found.bound:,} ordinary spans, what {KILLS} kills can take of what waits for its sampling",
        f"  decision ({DECISION_WAIT} s, made once a second), in the bulkhead ({BULKHEAD} s) or on its way;",
        f"  {found.slow_bound} slow ones, which wait for no decision: one batch in flight for each kill.",
        f"- The sender: {sent.requests:,} requests; {sent.again:,} were tried again while the Collector was dead, none",
        f"  while it lived; {sent.unanswered} were given up. Longest answer: {sent.longest_answer:.2f} s.",
        f"- At the end of the outage the queues on disk took {found.queue_bytes / 1e6:.1f} MB for",
        f"  {found.in_outage:,} spans; {found.late:.0f} s after the return everything had been delivered.",
        "- A span arrives twice where the answer to its batch was lost with the Collector that waited for it, or where",
        "  the sender tried again what had been taken.",
    ]


def main() -> int:
    """Runs the drill and prints its table; exit code 1 when a promise did not hold."""
    unwind_when_told_to_end()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    return run("outage", parser, lambda chosen, folder, steps: drill(chosen.minutes, folder, steps), table)


if __name__ == "__main__":
    sys.exit(main())
