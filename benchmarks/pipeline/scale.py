"""Measures what sizes are calculated from: ``make bench-scale``; ``--write`` puts the table into docs/scale.md.

Profile `single` beside a bare otlp-to-otlp Collector, one after the other under the same load, three rounds each in
turn. CPU is the process's own; spans are counted at the sink, because what is dropped costs nothing.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from benchmarks.pipeline.collectors import Collector, pause
from benchmarks.pipeline.load import Load, Shape
from benchmarks.pipeline.sink import Sink
from benchmarks.pipeline.table import machine, write_section
from demo.parts import programs
from demo.parts.errors import PartError
from demo.parts.ports import Ports
from demo.parts.steps import Steps
from demo.parts.told_to_end import unwind_when_told_to_end
from demo.parts.waiting import wait_for

BACK_ENDS = 2
ROUNDS = 3
SHAPE = Shape(spans=20, slow_every=50, padding=300)
RATE = 100.0
SECONDS = 10.0
LONG_WAIT = 30
PLANNED_WAIT = 5
LAYOUTS = {
    1_000: "one Collector, profile `single`",
    10_000: "agents and one gateway",
    100_000: "agents, Kafka, gateways of some cores each",
    1_000_000: "agents, Kafka with 200 partitions or more, as many gateways as the cores take",
}
BARE = """
extensions: {health_check: {endpoint: "${env:OTELMON_COLLECTOR_HEALTH}"}}
receivers: {otlp: {protocols: {http: {endpoint: "${env:OTELMON_COLLECTOR_OTLP_HTTP}"}}}}
exporters:
  otlp_http/bare: {endpoint: "${env:OTELMON_COLLECTOR_JAEGER_ENDPOINT}", sending_queue: {batch: {min_size: 512}}}
service:
  extensions: [health_check]
  telemetry: {metrics: {level: none}}
  pipelines:
    traces: {receivers: [otlp], exporters: [otlp_http/bare]}
"""


@dataclass(frozen=True)
class Round:
    """What one round measured."""

    spans: int
    missing: int
    cpu_seconds: float
    received: int
    sent: int


class Bench:
    """Starts Collectors in front of one sink."""

    def __init__(self, folder: Path, steps: Steps) -> None:
        self._folder, self._steps = folder, steps
        self._program = programs.collector(steps)
        self._count = 0
        self.bare_file = folder / "bare.yaml"
        self.bare_file.write_text(BARE, encoding="utf-8")

    def collector(self, sink: Sink, *, bare: bool, **variables: str) -> Collector:
        """Returns a started Collector, the bare one or that of profile `single`."""
        self._count += 1
        places = {
            "OTELMON_COLLECTOR_JAEGER_ENDPOINT": sink.endpoint,
            "OTELMON_COLLECTOR_SENTRY_ENDPOINT": f"{sink.endpoint}/sentry",
            "OTELMON_COLLECTOR_METRICS_ENDPOINT": f"{sink.endpoint}/v1/metrics",
            "OTELMON_COLLECTOR_DECISION_WAIT": "2s",
            "OTELMON_COLLECTOR_MEMORY_LIMIT_MIB": "2048",
            "OTELMON_COLLECTOR_TRACES_IN_MEMORY": "100000",
            **variables,
        }
        folder = self._folder / f"collector{self._count}"
        files = (self.bare_file,) if bare else None
        return Collector(self._program, "single", folder, Ports(), places, files=files).start()

    def round(self, *, bare: bool) -> Round:
        """Runs the load once and waits until it is through."""
        sink = Sink()
        collector = self.collector(sink, bare=bare)
        try:
            before = collector.cpu_seconds
            load = Load(collector.http, RATE, SHAPE).start()
            pause(SECONDS)
            sent = load.stop()
            everything = [*sent.ordinary, *sent.slow]
            wait_for(lambda: sink.arrived(everything)[0] == 0, 20, between=0.5)
            missing = sink.arrived(everything)[0]
            return Round(sent.spans, missing, collector.cpu_seconds - before, sink.bytes, sent.bytes)
        finally:
            collector.stop()
            sink.close()

    def open_trace_bytes(self) -> tuple[float, int]:
        """Returns how many bytes an undecided trace takes, and of how many traces that was told."""
        sink = Sink()
        collector = self.collector(sink, bare=False, OTELMON_COLLECTOR_DECISION_WAIT=f"{LONG_WAIT * 2}s")
        try:
            warm = Load(collector.http, RATE, SHAPE).start()
            pause(2)
            first = warm.stop().spans / SHAPE.spans
            pause(2)
            before = collector.memory
            load = Load(collector.http, RATE * 2, SHAPE).start()
            pause(LONG_WAIT / 2)
            traces = load.stop().spans / SHAPE.spans
            return (collector.memory - before) / traces, int(traces + first)
        finally:
            collector.kill()
            sink.close()

    def queue_bytes(self) -> float:
        """Returns how much of a disk a span takes in the queue of one back end that is away."""
        sink = Sink()
        sink.away = True
        collector = self.collector(sink, bare=False)
        try:
            load = Load(collector.http, RATE, SHAPE).start()
            pause(SECONDS)
            sent = load.stop()
            pause(4)
            # Jaeger and Sentry are both away: two queues hold the same spans.
            return collector.queue_bytes / 2 / sent.spans
        finally:
            collector.kill()
            sink.close()


def median_cost(rounds: list[Round]) -> tuple[float, float, float]:
    """Returns CPU microseconds a delivered span: the median, the least and the most of the rounds."""
    costs = [each.cpu_seconds / (each.spans - each.missing) * 1e6 for each in rounds]
    return statistics.median(costs), min(costs), max(costs)


def measure(folder: Path, steps: Steps) -> tuple[list[str], list[str]]:
    """Measures everything and returns lines of Markdown: what was measured, and sizes on paper."""
    bench = Bench(folder, steps)
    bare: list[Round] = []
    full: list[Round] = []
    for number in range(ROUNDS):
        with steps.step(f"round {number + 1}: bare and full"):
            bare.append(bench.round(bare=True))
            full.append(bench.round(bare=False))
    with steps.step("memory of an open trace"):
        trace_bytes, traces = bench.open_trace_bytes()
    with steps.step("disk of a span that waits"):
        disk = bench.queue_bytes()
    cost = median_cost(full)[0]
    return table(bare, full, trace_bytes, traces, disk), paper(cost, trace_bytes, disk)


def table(bare: list[Round], full: list[Round], trace_bytes: float, traces: int, disk: float) -> list[str]:
    """Returns the figures as lines of Markdown."""
    (plain, plain_least, plain_most), (cost, least, most) = median_cost(bare), median_cost(full)
    spans = sum(each.spans for each in full)
    size, missing = sum(each.sent for each in full) / spans, sum(each.missing for each in [*bare, *full])
    total = spans + sum(each.spans for each in bare)
    return [
        f"Traces of {SHAPE.spans} spans of {size:.0f} bytes as OTLP, {RATE * SHAPE.spans:,.0f} spans/s asked for and",
        f"{total / (2 * ROUNDS * SECONDS):,.0f} sent, {ROUNDS} rounds of {SECONDS:g} s in turn; {missing} of {total:,}",
        "spans did not arrive.",
        f"{machine()}: take ratios, not times.",
        "",
        "| figure | value | from least to most |",
        "|---|---:|---|",
        f"| CPU a span, bare otlp to otlp | {plain:.1f} µs | {plain_least:.1f} to {plain_most:.1f} |",
        f"| CPU a span, profile `single`, all on, two back ends | {cost:.1f} µs | {least:.1f} to {most:.1f} |",
        f"| ratio, a span received | {cost / plain:.1f} | |",
        f"| ratio, a span delivered, {BACK_ENDS} for each received | {cost / plain / BACK_ENDS:.1f} | |",
        f"| spans/s a core, profile `single` | {1e6 / cost:,.0f} | {1e6 / most:,.0f} to {1e6 / least:,.0f} |",
        f"| memory of an open trace of {SHAPE.spans} spans | {trace_bytes / 1000:.1f} kB | {traces:,} traces open |",
        f"| disk of a span that waits, one back end | {disk:.0f} B | |",
        f"| disk of an hour of outage at 1,000 spans/s, one back end | {disk * 3.6e6 / 1e9:.1f} GB | |",
    ]


def paper(cost: float, trace_bytes: float, disk: float) -> list[str]:
    """Returns sizes for rates that nobody has run here, calculated from what was measured at half load."""
    rows = []
    for rate, layout in LAYOUTS.items():
        cores = max(1, math.ceil(rate * cost / 1e6 * 2))
        memory = rate / SHAPE.spans * PLANNED_WAIT * trace_bytes * 2
        rows.append(
            f"| {rate:,} | {cores:,} | {memory / 1e6:,.0f} MB | {rate * disk * 3600 / 1e9:,.1f} GB | {layout} |"
        )
    return [
        f"With traces of {SHAPE.spans} spans and a wait of {PLANNED_WAIT} s:",
        "",
        "| spans/s | gateways: cores | gateways: memory for open traces | an hour on disk, one back end | layout |",
        "|---:|---:|---:|---:|---|",
        *rows,
    ]


def main() -> int:
    """Measures and prints."""
    unwind_when_told_to_end()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the table into docs/scale.md")
    chosen = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="otelmon-scale-") as folder:
            lines, sizes = measure(Path(folder), Steps(Console(stderr=True)))
    except PartError as error:
        print(f"bench-scale: {error}", file=sys.stderr)
        return 2
    print("\n".join([*lines, "", *sizes]))
    if chosen.write:
        write_section("docs/scale.md", "scale", lines)
        write_section("docs/scale.md", "paper", sizes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
