"""Every metric of otelmon."""

from __future__ import annotations

from otelmon.signals.caches import CACHE_METRICS
from otelmon.signals.github import GITHUB_METRICS
from otelmon.signals.kinds import POOL_NAME, POOL_STATE, Metric

METRICS: tuple[Metric, ...] = (
    Metric(
        "db.client.operation.duration",
        "histogram",
        "s",
        (
            "db.system.name",
            "db.operation.name",
            "db.collection.name",
            "db.namespace",
            "server.address",
            "server.port",
            "error.type",
        ),
        "Time of every database call, whatever is sampled; error.type is the SQLSTATE of a failed one.",
    ),
    Metric(
        "otelmon.db.client.slow_operations",
        "observable_counter",
        "{operation}",
        ("db.operation.name", "db.collection.name", "db.namespace"),
        "Database calls that took as long as OTELMON_SLOW_QUERY_THRESHOLD or longer.",
    ),
    Metric(
        "otelmon.db.client.n_plus_one",
        "observable_counter",
        "{statement}",
        ("otelmon.n_plus_one.kind", "db.operation.name", "db.collection.name", "db.namespace"),
        "Statements that one request executed at least five times from one line: with ever new values (n_plus_one) or "
        "with the same ones (duplicate).",
    ),
    Metric(
        "otelmon.db.query_ids",
        "observable_counter",
        "{operation}",
        ("origin",),
        "Slow and failed database calls by where their query id is from: polled while they ran, learned from the same "
        "statement before, or unknown. Only with OTELMON_DB_DIAGNOSTICS.",
    ),
    Metric(
        "otelmon.db.diagnostics",
        "observable_counter",
        "{request}",
        ("result",),
        "Questions of the diagnostics connection by what came of them: activity, plan_ with its result, or why there "
        "was no answer, such as connect, no_free_slots, pooler or a SQLSTATE. Only with OTELMON_DB_DIAGNOSTICS.",
    ),
    Metric(
        "db.client.connection.count",
        "observable_up_down_counter",
        "{connection}",
        (POOL_NAME, POOL_STATE),
        "Connections of a pool by state, idle or used; without a pool (#direct) used are those in a transaction.",
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
        "Requests for a connection that a pool could not serve in time; psycopg2's pool refuses at once.",
    ),
    Metric(
        "otelmon.db.client.connection.checkouts",
        "observable_counter",
        "{connection}",
        (POOL_NAME,),
        "Connections handed out by a pool; opened, for those that no pool has (#direct).",
    ),
    Metric(
        "otelmon.db.client.connection.leaked",
        "observable_counter",
        "{connection}",
        (POOL_NAME, "kind"),
        "Connections out longer than OTELMON_LEAK_AFTER without being needed. Kind: idle, in_transaction, closed (by "
        "the application, but not returned), abandoned (only the pool refers to it, or it was collected), unknown. One "
        "on which a statement runs is no leak, however long; its time starts anew when the statement has ended. "
        "A connection without a pool (#direct) leaks in_transaction or abandoned only; one that rests is none.",
    ),
    Metric(
        "otelmon.db.client.connection.held_longest",
        "observable_gauge",
        "s",
        (POOL_NAME,),
        "Age of the oldest checkout that has not come back; 0 when none is out.",
    ),
    Metric(
        "db.client.connection.use_time",
        "histogram",
        "s",
        (POOL_NAME,),
        "Time from the checkout of a connection until the pool has taken it back.",
    ),
    Metric(
        "db.client.connection.create_time",
        "histogram",
        "s",
        (POOL_NAME,),
        "Time in which a pool opened a connection; those that psycopg2's pool opens in advance are left out.",
    ),
    Metric(
        "db.client.connection.wait_time",
        "histogram",
        "s",
        (POOL_NAME,),
        "Time from the moment that a connection was asked for until there was one, its opening included; absent for "
        "pools that refuse at once, as psycopg2's.",
    ),
    *CACHE_METRICS,
    *GITHUB_METRICS,
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
        "Spans given up, by reason; where an answer was cut, its spans may have arrived all the same.",
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
        "What an instrument did not attribute because OTELMON_LABEL_LIMIT was reached, or a table was full.",
    ),
    Metric(
        "otelmon.overhead.ratio",
        "observable_gauge",
        "1",
        (),
        "otelmon's own share of the process's CPU in the last seconds; absent while the process does nearly nothing. "
        "Only with OTELMON_OVERHEAD_LIMIT_RATIO.",
    ),
    Metric(
        "otelmon.overhead.shed",
        "observable_counter",
        "{item}",
        ("otelmon.shed.kind",),
        "What was left undone to stay below OTELMON_OVERHEAD_LIMIT_RATIO: plans, stacks of checkouts, digests of "
        "repeated statements, spans of fast database calls.",
    ),
    Metric(
        "otelmon.heartbeat",
        "observable_gauge",
        "s",
        (),
        "Unix time at which otelmon's watch thread last ran.",
    ),
    Metric(
        "otelmon.ended",
        "observable_gauge",
        "s",
        (),
        "Unix time at which a process came to its end by itself: no error left it, no signal killed it, and it never "
        "forked. Told once, with its last figures; the silence of such a process is no alarm.",
    ),
)
