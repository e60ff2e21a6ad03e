"""Every metric, span attribute and event of otelmon, as data.

Gauges take names, units and descriptions from here, and docs/signals.md is generated from it (``make docs``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Instrument = Literal["observable_counter", "observable_up_down_counter", "observable_gauge"]

POOL_NAME = "db.client.connection.pool.name"
POOL_STATE = "db.client.connection.state"
CACHE_NAME = "cache.name"


@dataclass(frozen=True, slots=True)
class Metric:
    """Describes one instrument; ``unit`` is UCUM, ``attributes`` are those its points may have."""

    name: str
    instrument: Instrument
    unit: str
    attributes: tuple[str, ...]
    meaning: str


@dataclass(frozen=True, slots=True)
class Signal:
    """Describes one span attribute or one event; ``value`` is the type of an attribute, empty for an event."""

    name: str
    value: str
    meaning: str
    attributes: tuple[str, ...] = ()


METRICS: tuple[Metric, ...] = (
    Metric(
        "db.client.connection.count",
        "observable_up_down_counter",
        "{connection}",
        (POOL_NAME, POOL_STATE),
        "Connections of a pool by state, idle or used.",
    ),
    Metric(
        "db.client.connection.max",
        "observable_up_down_counter",
        "{connection}",
        (POOL_NAME,),
        "Most connections that a pool opens.",
    ),
    Metric(
        "db.client.connection.idle.min",
        "observable_up_down_counter",
        "{connection}",
        (POOL_NAME,),
        "Connections that a pool keeps open while they are idle.",
    ),
    Metric(
        "db.client.connection.pending_requests",
        "observable_up_down_counter",
        "{request}",
        (POOL_NAME,),
        "Requests that wait for a connection; absent for pools that never wait, as psycopg2's.",
    ),
    Metric(
        "db.client.connection.timeouts",
        "observable_counter",
        "{timeout}",
        (POOL_NAME,),
        "Requests for a connection that a pool could not serve; psycopg2's pool refuses at once when it is exhausted.",
    ),
    Metric(
        "otelmon.db.client.connection.checkouts",
        "observable_counter",
        "{connection}",
        (POOL_NAME,),
        "Connections handed out by a pool.",
    ),
    Metric(
        "otelmon.db.client.connection.leaked",
        "observable_counter",
        "{connection}",
        (POOL_NAME, "kind"),
        "Connections held longer than OTELMON_LEAK_AFTER (kind overdue).",
    ),
    Metric(
        "otelmon.db.client.connection.held_longest",
        "observable_gauge",
        "s",
        (POOL_NAME,),
        "Age of the oldest checkout that has not come back; 0 when none is out.",
    ),
    Metric(
        "otelmon.cache.requests",
        "observable_counter",
        "{request}",
        (CACHE_NAME, "result"),
        "Look-ups in a cache by result, hit or miss.",
    ),
    Metric(
        "otelmon.cache.evictions",
        "observable_counter",
        "{entry}",
        (CACHE_NAME,),
        "Entries that a cache let go to make room; absent where the cache does not tell, as functools'.",
    ),
    Metric("otelmon.cache.size", "observable_gauge", "{entry}", (CACHE_NAME,), "Entries in a cache."),
    Metric(
        "otelmon.github.rate_limit.limit",
        "observable_gauge",
        "{request}",
        ("owner", "resource"),
        "Requests that GitHub allows in one window.",
    ),
    Metric(
        "otelmon.github.rate_limit.remaining",
        "observable_gauge",
        "{request}",
        ("owner", "resource"),
        "Requests left in the window; absent once the window has ended.",
    ),
    Metric(
        "otelmon.github.rate_limit.used",
        "observable_gauge",
        "{request}",
        ("owner", "resource"),
        "Requests spent in the window, by everybody who shares the budget.",
    ),
    Metric(
        "otelmon.github.rate_limit.reset_in",
        "observable_gauge",
        "s",
        ("owner", "resource"),
        "Time until the window ends.",
    ),
    Metric(
        "otelmon.github.requests",
        "observable_counter",
        "{request}",
        ("resource", "route"),
        "Answers of the GitHub API, each redirect hop and retry once.",
    ),
    Metric(
        "otelmon.github.throttled",
        "observable_counter",
        "{request}",
        ("resource", "kind"),
        "Requests that GitHub refused by its primary or secondary limit.",
    ),
    Metric(
        "otelmon.spans.started",
        "observable_counter",
        "{span}",
        ("exporter",),
        "Sampled spans handed to an exporting processor: delivered, lost and still queued.",
    ),
    Metric(
        "otelmon.spans.delivered",
        "observable_counter",
        "{span}",
        ("exporter",),
        "Spans that the receiver said it has taken.",
    ),
    Metric(
        "otelmon.spans.lost",
        "observable_counter",
        "{span}",
        ("exporter", "reason"),
        "Spans that will not arrive, by reason.",
    ),
    Metric(
        "otelmon.internal.errors",
        "observable_counter",
        "{error}",
        ("site",),
        "Errors of otelmon's own code, or of a reader given to it, that the guard has swallowed.",
    ),
    Metric(
        "otelmon.internal.skipped",
        "observable_counter",
        "{call}",
        ("site",),
        "Calls left out at a site that was switched off after too many errors.",
    ),
    Metric(
        "otelmon.labels.overflow",
        "observable_counter",
        "{measurement}",
        ("instrument",),
        "What an instrument did not attribute because OTELMON_LABEL_LIMIT was reached.",
    ),
    Metric(
        "otelmon.heartbeat",
        "observable_gauge",
        "s",
        (),
        "Unix time at which otelmon's watch thread last ran.",
    ),
)

SPAN_ATTRIBUTES: tuple[Signal, ...] = (
    Signal("otelmon.keep", "string", "Why the span is kept: error, throttled, slow_db, slow_http or leak."),
    Signal("otelmon.slow", "boolean", "True on a span that took as long as its threshold or longer."),
    Signal("otelmon.slow_threshold_ms", "int", "The threshold that the span reached, in milliseconds."),
    Signal("otelmon.github.rate_limit.limit", "int", "Requests that GitHub allows in one window."),
    Signal("otelmon.github.rate_limit.remaining", "int", "Requests left in the window."),
    Signal("otelmon.github.rate_limit.used", "int", "Requests spent in the window."),
    Signal("otelmon.github.rate_limit.reset", "int", "End of the window, unix seconds."),
    Signal("otelmon.github.rate_limit.resource", "string", "The budget that the request was counted against."),
    Signal("otelmon.github.throttle", "string", "The limit that refused the request: primary or secondary."),
    Signal("otelmon.db.client.connection.held", "double", "How long a leaked connection has been out, in seconds."),
)

EVENTS: tuple[Signal, ...] = (
    Signal(
        "otelmon.connection.leaked",
        "",
        "A pooled connection has been out longer than OTELMON_LEAK_AFTER; in the trace that took it.",
        (
            POOL_NAME,
            "otelmon.db.client.connection.held",
            "code.function.name",
            "code.file.path",
            "code.line.number",
        ),
    ),
)

BY_NAME = {metric.name: metric for metric in METRICS}
