"""What the project wants to cost at most, and whether a run has reached it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.variants import OTELMON, PLAIN, WITH_METRICS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

# In times what a peer adds in CPU time, by work and peer.
RATIOS = {
    ("psycopg2", "ddtrace"): 0.5,
    ("psycopg2", WITH_METRICS.name): 0.25,
    ("requests GET", "ddtrace"): 0.5,
}
# What a page says below goals of which some are missed; why, the pages that it points to have measured.
NEEDED = """\
## What the missed goals would need

A call costs several times as much after the short wait for an answer as in a loop, otelmon's own steps and everybody
else's: [costs per call](costs-per-call.md) has both. So a large part of what is added above is no work that could be
left out, but code and data that the processor fetches anew, and what counts is how much of both a call touches. ddtrace
brings its encoder and other parts as compiled modules. To halve what a query adds, it seems, the way from
the cursor to the finished span (context, facts of the statement, table of running calls, histogram, repetitions, span)
would have to be one compiled module, with today's Python beside it for platforms without one. otelmon has none, so that
it installs everywhere as it is.

Of a request of the service, [each part is measured](costs-of-a-request.md): the spans of the request and of its GET
are made by otelmon, the propagation and the sampling below them by OpenTelemetry's SDK, and both send the same spans.
"""
SERVICE_RATIO, SERVICE_P50, START, MEMORY_MB = 0.25, 0.01, 1.3, 10


def _line(what: str, goal: str, now: str, *, reached: bool) -> str:
    return f"- {what}: at most {goal}: **{'reached' if reached else 'missed'}**, {now}."


def goals(result: Mapping[str, Any]) -> str:
    """Says of each goal whether it was reached, and what missed ones need; one without figures is left out."""
    lines = []
    for (work, peer), goal in RATIOS.items():
        now = result["ratios"].get(work, {}).get(peer)
        if now is not None:
            lines.append(_line(f"CPU of {work}", f"{goal} times {peer}", f"{now:.2f}", reached=now <= goal))
    service = result["service"]
    ratio, more = service["cpu_ratio"], service[OTELMON.name]["p50_more"]
    if ratio is not None:
        goal = f"{SERVICE_RATIO} times {WITH_METRICS.name}"
        lines.append(_line("CPU added to a request", goal, f"{ratio:.2f}", reached=ratio <= SERVICE_RATIO))
    p50 = f"{more['median']:+.2%} [{more['low']:+.2%}, {more['high']:+.2%}]"
    lines.append(
        _line("p50 of the service", f"{SERVICE_P50:.0%} over bare", p50, reached=more["median"] <= SERVICE_P50)
    )
    start = {name: each["wall_ms"]["median"] for name, each in result["start"].items()}
    times = start[OTELMON.name] / start[PLAIN.name]
    lines.append(_line("Start", f"{START} times {PLAIN.name}", f"{times:.2f}", reached=times <= START))
    memory = {name: each["last_mb"] for name, each in result["memory"].items()}
    beyond = memory[OTELMON.name] - memory[PLAIN.name]
    lines.append(_line("Memory", f"{MEMORY_MB} MB over {PLAIN.name}", f"{beyond:+.1f} MB", reached=beyond <= MEMORY_MB))
    missed = any("**missed**" in line for line in lines)
    return "\n".join(lines) + (f"\n\n{NEEDED}" if missed else "")
