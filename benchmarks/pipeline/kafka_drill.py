"""Three gateways of one consumer group, one killed and one added under load: ``make drill-kafka``.

ARGS="--rate 2000 --seconds 60" says how many traces a second for how long. Slow spans are looked up in a real Jaeger,
the others counted by their ids at a sink in Sentry's place.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.pipeline.collectors import Collector, pause
from benchmarks.pipeline.command import run
from benchmarks.pipeline.load import Load, Sent, Shape
from benchmarks.pipeline.sink import Sink
from benchmarks.pipeline.table import machine
from demo.parts import jaeger as jaeger_part
from demo.parts import kafka as kafka_part
from demo.parts import kafka_programs, programs
from demo.parts.errors import PartError
from demo.parts.places import cache_directory
from demo.parts.ports import Ports
from demo.parts.supervisor import Supervisor
from demo.parts.told_to_end import unwind_when_told_to_end
from demo.parts.waiting import wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from demo.parts.steps import Steps

GATEWAYS = 3
PARTITIONS = 12
SHAPE = Shape(spans=3, slow_every=50)
DECISION_WAIT = 2
# A decision is made once a second, and the bulkhead holds a batch for 0.2 s.
UNDECIDED_SECONDS = DECISION_WAIT + 1 + 0.2
# What one gateway carries may be more than its share while partitions move.
UNEVEN = 1.5
GROUP = "otelmon-gateways"
SECONDS_TO_CATCH_UP = 600
MOST_TRACES = 500_000


@dataclass(frozen=True)
class Outcome:
    """What one drill found."""

    rate: float
    sent: Sent
    slow_missing: int
    slow_missing_sink: int
    ordinary: tuple[int, int]
    partitions: dict[int, int]

    @property
    def carried(self) -> float:
        """Returns the traces a second that went through."""
        return self.sent.spans / SHAPE.spans / self.sent.seconds

    @property
    def bound(self) -> int:
        """Returns the most ordinary spans that the killed gateway may have taken with it."""
        return math.ceil(self.carried * SHAPE.spans / GATEWAYS * UNEVEN * UNDECIDED_SECONDS)

    @property
    def holds(self) -> bool:
        """Tells whether every slow span is at Jaeger and the loss of others within its bound."""
        return not self.slow_missing and self.ordinary[0] <= self.bound


class Parts:
    """Starts what the drill needs and ends it."""

    def __init__(self, folder: Path, steps: Steps) -> None:
        self._folder = folder
        self._ports = Ports()
        self._program = programs.collector(steps)
        self._supervisor = Supervisor(folder / "parts")
        self.collectors: list[Collector] = []
        self.sink = Sink()
        self._steps = steps

    def start(self) -> None:
        """Starts Kafka with its topics, and Jaeger."""
        with self._steps.step("Kafka with three topics"):
            program = kafka_programs.bring(cache_directory(), self._steps.say)
            self.kafka = kafka_part.start(self._supervisor, program, self._ports)
            for signal in ("traces", "logs", "metrics"):
                self.kafka.create(f"otelmon-{signal}", PARTITIONS)
        with self._steps.step("Jaeger"):
            jaeger = programs.go_program(self._steps, *programs.JAEGER)
            self.jaeger = jaeger_part.start(self._supervisor, jaeger, self._ports, MOST_TRACES)
        self.variables = {
            "OTELMON_COLLECTOR_KAFKA_BROKERS": self.kafka.brokers,
            "OTELMON_COLLECTOR_JAEGER_ENDPOINT": self.jaeger.otlp_endpoint,
            "OTELMON_COLLECTOR_SENTRY_ENDPOINT": self.sink.endpoint,
            "OTELMON_COLLECTOR_METRICS_ENDPOINT": f"{self.sink.endpoint}/v1/metrics",
            "OTELMON_COLLECTOR_DECISION_WAIT": f"{DECISION_WAIT}s",
            "OTELMON_COLLECTOR_TRACES_IN_MEMORY": "200000",
        }

    def collector(self, profile: str) -> Collector:
        """Starts one more Collector."""
        folder = self._folder / f"{profile}{len(self.collectors)}"
        self.collectors.append(Collector(self._program, profile, folder, self._ports, self.variables))
        return self.collectors[-1].start()

    def wait_for_members(self, count: int) -> None:
        """Waits until so many gateways have partitions."""
        if not wait_for(lambda: len(self.kafka.members(GROUP, "otelmon-traces")) == count, 120, between=1):
            raise PartError(f"there are not {count} gateways with partitions", "see their logs")

    def end(self) -> None:
        """Ends everything."""
        for each in self.collectors:
            each.stop()
        self._supervisor.stop()
        self.sink.close()


def drill(rate: float, seconds: float, folder: Path, steps: Steps) -> Outcome:
    """Runs the load, kills a gateway after one third and adds one after two."""
    parts = Parts(folder, steps)
    try:
        parts.start()
        return _drill(rate, seconds, parts, steps)
    finally:
        parts.end()


def _drill(rate: float, seconds: float, parts: Parts, steps: Steps) -> Outcome:
    with steps.step("an agent and three gateways"):
        agent = parts.collector("kafka")
        gateways = [parts.collector("kafka-gateway") for _ in range(GATEWAYS)]
        parts.wait_for_members(GATEWAYS)
    load = Load(agent.http, rate, SHAPE).start()
    with steps.step("load on three gateways"):
        pause(seconds / 3)
    gateways[0].kill()
    with steps.step("load, one gateway killed with -9"):
        pause(seconds / 3)
    with steps.step("one gateway added"):
        parts.collector("kafka-gateway")
        pause(seconds / 3)
        parts.wait_for_members(GATEWAYS)
    sent = load.stop()
    with steps.step("catching up"):
        # Beyond the killed gateway's share nothing may be missing; wait until nothing comes any more.
        parts.sink.wait_until_quiet(SECONDS_TO_CATCH_UP, 15)
        wait_for(lambda: not missing_at_jaeger(parts.jaeger.url, sent.slow), 30, between=2)
    return Outcome(
        rate,
        sent,
        missing_at_jaeger(parts.jaeger.url, sent.slow),
        parts.sink.arrived(sent.slow)[0],
        parts.sink.arrived(sent.ordinary),
        parts.kafka.offsets("otelmon-traces"),
    )


def missing_at_jaeger(url: str, slow: list[bytes]) -> int:
    """Returns how many of the slow spans a query for them does not find."""
    query = {
        "service": "load",
        "limit": str(MOST_TRACES),
        "lookback": "2h",
        "tags": json.dumps({"otelmon.keep": "slow_db"}),
    }
    with urllib.request.urlopen(f"{url}/api/traces?{urllib.parse.urlencode(query)}", timeout=60) as answer:
        found = {span["spanID"] for each in json.load(answer)["data"] or [] for span in each["spans"]}
    return sum(each.hex() not in found for each in slow)


def table(found: Outcome) -> list[str]:
    """Returns the outcome as lines of Markdown."""
    sent = found.sent
    lost, twice = found.ordinary
    spread = sorted(found.partitions.values())
    return [
        f"One agent, Kafka with {PARTITIONS} partitions, {GATEWAYS} gateways; after a third of the time one is killed",
        f"with -9, after two thirds one is added. Asked for {found.rate:,.0f} traces/s of {SHAPE.spans} spans, carried",
        f"{found.carried:,.0f} for {sent.seconds:.0f} s. {machine()}.",
        "",
        "| spans | sent | lost | arrived twice or more | bound of the loss |",
        "|---|---:|---:|---:|---:|",
        f"| slow, at Jaeger | {len(sent.slow):,} | {found.slow_missing:,} | | 0 |",
        f"| the others, at the sink | {len(sent.ordinary):,} | {lost:,} | {twice:,} | {found.bound:,} |",
        "",
        f"- {sent.refused} of {sent.requests:,} requests were refused by the agent.",
        f"- Bound: what a gateway with {UNEVEN:g} times its share has undecided in {UNDECIDED_SECONDS:.1f} s.",
        f"- The fullest partition took {spread[-1]:,} traces, the emptiest {spread[0]:,}.",
        "- Arrived twice: read again by the next owner of a partition, because the last commit is up to a second old.",
    ]


def main() -> int:
    """Runs the drill and prints its table; exit code 1 when a promise did not hold."""
    unwind_when_told_to_end()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=2000.0)
    parser.add_argument("--seconds", type=float, default=60.0)
    return run("kafka", parser, lambda chosen, folder, steps: drill(chosen.rate, chosen.seconds, folder, steps), table)


if __name__ == "__main__":
    sys.exit(main())
