"""Every metric of ``otelmon canary``."""

from __future__ import annotations

from otelmon.signals.kinds import Metric

HOP = "otelmon.hop"
SENT = "otelmon.canary.sent"
SEEN = "otelmon.canary.seen"
MISSED = "otelmon.canary.missed"
NEWEST = "otelmon.canary.newest"
DELAY = "otelmon.canary.delay"
PROCESSES = "otelmon.heartbeat.processes"

CANARY_METRICS: tuple[Metric, ...] = (
    Metric(SENT, "observable_counter", "{canary}", (), "Canaries that `otelmon canary` has sent."),
    Metric(SEEN, "observable_counter", "{canary}", (HOP,), "Canaries that were found behind a hop in time."),
    Metric(MISSED, "observable_counter", "{canary}", (HOP,), "Canaries that were not, or that nobody could look for."),
    Metric(NEWEST, "observable_gauge", "s", (HOP,), "Unix time at which the newest canary found there was sent."),
    Metric(DELAY, "observable_gauge", "s", (HOP,), "How long the last canary took until it was found."),
    Metric(
        PROCESSES,
        "observable_gauge",
        "{process}",
        ("service", "state"),
        "Processes with a file in the folder of heartbeats: alive, or stale after three intervals of 15 s.",
    ),
)
