"""Measures the cost of the gateway's pipeline beside a bare one, and its memory: ``make bench-collector``.

Both run on the same program in turn. CPU is the Collector's process alone, spans are counted at the sinks.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.pipeline.collectors import Collector, pause
from benchmarks.pipeline.cost_request import Requests
from benchmarks.pipeline.overload import SECONDS_TO_ANSWER, SENDERS_AT_TWICE_THE_RATE, Pushed, overload, post
from benchmarks.pipeline.sink import Sink
from benchmarks.pipeline.table import machine, write_section
from demo.parts.ports import Ports
from demo.parts.told_to_end import unwind_when_told_to_end
from otelmon.operate.collector.build import collector_program
from otelmon.operate.collector.configuration import config_files

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
LIMIT_MIB = 512
MIB = 1 << 20
SECONDS_TO_ARRIVE = 60.0
BARE = """receivers: {otlp: {protocols: {http: {endpoint: "${env:OTELMON_COLLECTOR_OTLP_HTTP}"}}}}
exporters: {otlp_http: {endpoint: "${env:OTELMON_COLLECTOR_JAEGER_ENDPOINT}"}}
extensions: {health_check: {endpoint: "${env:OTELMON_COLLECTOR_HEALTH}"}}
service:
  extensions: [health_check]
  telemetry: {metrics: {level: none}}
  pipelines: {traces: {receivers: [otlp], exporters: [otlp_http]}}
"""
PAGE = "docs/collector-costs.md"
COSTS = """Traces of 20 spans, {size:.0f} bytes a span, one slow query in every fifth trace, {rounds} rounds in turn
of {spans:,} spans each at {rate:,} spans/s.

| | bare | gateway | times |
|---|---|---|---|
| CPU, µs per span received | {bare:.1f} | {gateway:.1f} | {strict:.2f} |
| CPU, µs per span delivered, counted at the sinks | {bare:.1f} | {copy:.1f} | {ratio:.2f} |
| copies of each span delivered | 1 | {copies:.2f} | |

Times are the median of ratios within a round; they spread from {low:.2f} to {high:.2f} per span delivered. The goal
is 3 per span delivered: {verdict}. {machine}: read the ratios, not the times."""
OVERLOAD = """On one processor it took {carries:,.0f} spans/s from senders that wait for each answer. Then {senders}
senders at once were to push twice as much for {minutes:g} minutes, each waiting {wait} s for an answer as an SDK does:
they offered {offered:,.0f} spans/s.

| | |
|---|---|
| spans offered | {all:,} |
| answered 200 | {taken:,} |
| answered 503, left with the sender | {refused:,} |
| no answer in {wait} s, or another one | {other:,} |
| the Collector's own count of what it took | {accepted:,.0f} |
| the Collector's own count of what its memory limit refused | {counted:,.0f} |
| taken by its own count, and missing at a sink afterwards | {missing:,} |
| memory (RSS) at most, of a limit of {limit} MiB | {rss:.0f} MiB |

{machine}."""


class Bare(Collector):
    """The same program with nothing but a way in and a way out."""

    def start(self) -> Collector:
        """Starts it with the bare configuration."""
        (self._folder / "bare.yaml").write_text(BARE, encoding="utf-8")
        self._command = [self._command[0], f"--config={self._folder / 'bare.yaml'}"]
        return super().start()


@dataclass(frozen=True)
class Round:
    """What one variant used for one round: seconds of CPU, spans sent, spans counted at the sinks."""

    cpu: float
    sent: int
    delivered: int


def steady(collector: Collector, requests: Requests, spans: int, rate: int) -> int:
    """Sends at a rate and returns the spans that were taken."""
    began, taken = time.monotonic(), 0
    for number in range(spans // requests.spans):
        taken += requests.spans * (post(collector.http, requests.next()) == 200)  # noqa: PLR2004 - HTTP's OK
        ahead = began + (number + 1) * requests.spans / rate - time.monotonic()
        pause(max(0.0, ahead))
    return taken


def measure(collector: Collector, sinks: Sequence[Sink], requests: Requests, spans: int, rate: int) -> Round:
    """Runs one round after a little warming up."""
    steady(collector, requests, spans // 10, rate)
    pause(4)
    before, cpu = sum(sum(sink.seen().values()) for sink in sinks), collector.cpu_seconds
    sent = steady(collector, requests, spans, rate)
    end = time.monotonic() + SECONDS_TO_ARRIVE
    while (arrived := sum(sum(sink.seen().values()) for sink in sinks) - before) < sent * len(sinks):
        if time.monotonic() > end:
            break
        pause(0.5)
    return Round(collector.cpu_seconds - cpu, sent, arrived)


def costs(rounds: Sequence[tuple[Round, Round]], options: argparse.Namespace) -> list[str]:
    """Returns what a span costs, as lines of Markdown."""
    per_sent = [[each.cpu / each.sent * 1e6 for each in pair] for pair in rounds]
    per_copy = [[each.cpu / each.delivered * 1e6 for each in pair] for pair in rounds]
    ratios = [gateway / bare for bare, gateway in per_copy]
    ratio = statistics.median(ratios)
    requests = Requests()
    text = COSTS.format(
        size=len(requests.next()) / requests.spans,
        rounds=len(rounds),
        spans=options.spans,
        rate=options.rate,
        bare=statistics.median(bare for bare, _ in per_sent),
        gateway=statistics.median(gateway for _, gateway in per_sent),
        strict=statistics.median(gateway / bare for bare, gateway in per_sent),
        copy=statistics.median(gateway for _, gateway in per_copy),
        copies=statistics.median(gateway.delivered / gateway.sent for _, gateway in rounds),
        ratio=ratio,
        low=min(ratios),
        high=max(ratios),
        verdict="reached" if ratio <= 3 else "not reached",  # noqa: PLR2004 - the goal
        machine=machine(),
    )
    return text.splitlines()


def under_overload(pushed: Pushed, minutes: float) -> list[str]:
    """Returns what became of twice the load, as lines of Markdown."""
    text = OVERLOAD.format(
        minutes=minutes,
        carries=pushed.carries,
        senders=SENDERS_AT_TWICE_THE_RATE,
        offered=pushed.offered / pushed.seconds,
        wait=SECONDS_TO_ANSWER,
        all=pushed.offered,
        accepted=pushed.accepted,
        taken=pushed.spans[200],
        refused=pushed.spans[503],
        other=pushed.offered - pushed.spans[200] - pushed.spans[503],
        counted=pushed.counted,
        missing=pushed.missing,
        rss=pushed.memory / MIB,
        limit=LIMIT_MIB,
        machine=machine(),
    )
    return text.splitlines()


def told(section: str, lines: list[str]) -> None:
    """Prints a section and writes it into the page."""
    print("\n".join(lines), flush=True)
    write_section(PAGE, section, lines)


def main() -> None:
    """Measures, and writes each section of the page as soon as it is known."""
    unwind_when_told_to_end()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--spans", type=int, default=30_000)
    parser.add_argument("--rate", type=int, default=4_000)
    parser.add_argument("--minutes", type=float, default=10.0, help="of overload; 0 leaves that section as it is")
    options = parser.parse_args()
    program, ports = collector_program(), Ports()
    files = (*config_files("single"), ROOT / "collector" / "gateway.yaml")
    with tempfile.TemporaryDirectory() as name:
        sinks = [Sink() for _ in range(3)]
        variables = {
            "OTELMON_COLLECTOR_JAEGER_ENDPOINT": sinks[0].endpoint,
            "OTELMON_COLLECTOR_SENTRY_ENDPOINT": sinks[1].endpoint,
            "OTELMON_COLLECTOR_METRICS_ENDPOINT": f"{sinks[2].endpoint}/v1/metrics",
            "OTELMON_COLLECTOR_OWN_METRICS_ENDPOINT": f"{sinks[2].endpoint}/v1/metrics",
            "OTELMON_COLLECTOR_DECISION_WAIT": "2s",
            "OTELMON_COLLECTOR_MEMORY_LIMIT_MIB": str(LIMIT_MIB),
        }
        bare = Bare(program, "single", Path(name) / "bare", ports, variables)
        gateway = Collector(program, "single", Path(name) / "gateway", ports, variables, files)
        rounds = []
        for _ in range(options.rounds):
            pair = []
            for collector, ends in ((bare, sinks[:1]), (gateway, sinks[:2])):
                collector.start()
                pair.append(measure(collector, ends, Requests(), options.spans, options.rate))
                collector.stop()
                print(pair[-1], flush=True)
            rounds.append((pair[0], pair[1]))
        told("costs", costs(rounds, options))
        if options.minutes:
            gateway.start()
            pushed = overload(gateway, sinks[:2], sinks[2], options.minutes)
            gateway.kill()
            told("overload", under_overload(pushed, options.minutes))


if __name__ == "__main__":
    main()
