"""The reference service under load: three queries and one GET a request, one variant after the other in each pair."""

from __future__ import annotations

import contextlib
import http.client
import random
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.process_clock import family_cpu_ns
from benchmarks.statistics_of_rounds import Spread, median_interval
from benchmarks.variants import BARE, ENVIRONMENTS, OTELMON, ROOT, WITH_METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.stand_ins import Servers
    from benchmarks.variants import Variant

VARIANTS = (BARE, OTELMON, WITH_METRICS)
PAIRS, REQUESTS, WARM_UP = 36, 20, 60
PATH = "/repositories/owner-01/project-1"
SECONDS_TO_START = 60
# Spans leave twice a second, so that after a block and this wait all of it has been sent, and counts.
SPANS_EVERY_MS, SECONDS_TO_SEND = 500, 0.6


@dataclass
class Running:
    """Holds one variant's service: its connection, and what was measured of it."""

    variant: Variant
    process: subprocess.Popen[str]
    connection: http.client.HTTPConnection

    def request(self) -> float:
        """Asks once and returns the milliseconds until the whole answer was there.

        Raises:
            SystemExit: when it is not the answer.
        """
        began = time.perf_counter()
        self.connection.request("GET", PATH)
        answer = self.connection.getresponse()
        answer.read()
        if answer.status != http.client.OK:
            raise SystemExit(f"benchmark: the service of {self.variant.name} answered {answer.status}")
        return (time.perf_counter() - began) * 1000


@contextlib.contextmanager
def running(variant: Variant, where: Servers) -> Iterator[Running]:
    """Starts the service of one variant and yields it when it answers."""
    from demo.parts.ports import free_port  # noqa: PLC0415 - --help needs no parts

    port = free_port()
    command = variant.command("demo", "")
    program = [*command[: command.index(str(ROOT / "demo"))], str(ENVIRONMENTS / variant.place / "bin" / "gunicorn")]
    arguments = ["demo.service.app:create_app()", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"]
    environment = {
        **variant.full_environment(where.receiver),
        "DATABASE_URL": where.addresses.database,
        "GITHUB_URL": where.far_github,
        "OTELMON_GITHUB_HOSTS": where.far_github.removeprefix("http://"),
        "OTEL_BSP_SCHEDULE_DELAY": str(SPANS_EVERY_MS),
    }
    more = ["--threads", "4", "--keep-alive", "600", "--graceful-timeout", "1", "--no-control-socket"]
    with tempfile.TemporaryFile("w+") as log, contextlib.ExitStack() as stack:
        process = stack.enter_context(
            subprocess.Popen(
                [*program, *arguments, *more], env=environment, stdout=log, stderr=log, text=True, cwd=ROOT
            )
        )
        stack.callback(process.terminate)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        stack.callback(connection.close)
        deadline = time.monotonic() + SECONDS_TO_START
        while True:
            with contextlib.suppress(OSError):
                connection.connect()
                break
            if process.poll() is not None or time.monotonic() > deadline:
                log.seek(0)
                raise SystemExit(f"benchmark: the service of {variant.name} does not start: {log.read()[-800:]}")
            time.sleep(0.1)
        yield Running(variant, process, connection)


def rounds_of_service(
    where: Servers, variants: Sequence[Variant], pairs: int, done: Callable[[], None] = lambda: None
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Starts the service of every variant and asks each of them in every round, in random order.

    Returns:
        By variant and in the order of rounds: the median milliseconds of a request, and its CPU in milliseconds.
    """
    with contextlib.ExitStack() as stack:
        services = [stack.enter_context(running(variant, where)) for variant in variants]
        for service in services:
            for _ in range(WARM_UP):
                service.request()
        medians: dict[str, list[float]] = {variant.name: [] for variant in variants}
        cpu: dict[str, list[float]] = {variant.name: [] for variant in variants}
        for _ in range(pairs):
            for service in random.sample(services, len(services)):
                before = family_cpu_ns(service.process.pid)
                times = [service.request() for _ in range(REQUESTS)]
                time.sleep(SECONDS_TO_SEND)
                used = family_cpu_ns(service.process.pid) - before
                cpu[service.variant.name].append(used / REQUESTS / 1e6)
                medians[service.variant.name].append(statistics.median(times))
            done()
    return medians, cpu


def measure(where: Servers, pairs: int = PAIRS, done: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Returns what otelmon and OpenTelemetry add to a request of the service, in CPU and at the median."""
    medians, cpu = rounds_of_service(where, VARIANTS, pairs, done)
    return figures(medians, {name: statistics.mean(each) for name, each in cpu.items()}, pairs)


def figures(medians: dict[str, list[float]], cpu: dict[str, float], pairs: int) -> dict[str, Any]:
    """Sums up.

    Args:
        medians: by variant, in milliseconds, one a round, in the order of rounds.
        cpu: by variant, milliseconds a request.
        pairs: how many rounds there were.
    """
    bare = medians[BARE.name]
    found: dict[str, Any] = {"pairs": pairs, "requests": REQUESTS}
    for name, own in medians.items():
        more = [mine / theirs - 1 for mine, theirs in zip(own, bare, strict=True)]
        low, middle, high = median_interval(more)
        found[name] = {
            "p50_ms": Spread.of(own).median,
            "cpu_ms": cpu[name],
            "p50_more": {"low": low, "median": middle, "high": high},
            "cpu_more": cpu[name] / cpu[BARE.name] - 1,
        }
    ours, theirs = (cpu[name] - cpu[BARE.name] for name in (OTELMON.name, WITH_METRICS.name))
    found["cpu_ratio"] = ours / theirs if theirs > 0 else None
    return found


def rows(found: dict[str, Any]) -> list[Sequence[str]]:
    """Returns a row for each variant."""
    table = []
    for variant in VARIANTS:
        own = found[variant.name]
        more = own["p50_more"]
        added = "-" if variant == BARE else f"{more['median']:+.2%} [{more['low']:+.2%}, {more['high']:+.2%}]"
        share = "-" if variant == BARE else f"{own['cpu_more']:+.2%}"
        table.append((variant.name, f"{own['p50_ms']:.2f}", added, f"{own['cpu_ms']:.2f}", share))
    return table
