"""Every event of otelmon."""

from __future__ import annotations

from otelmon.signals.caches import CACHE_EVENTS
from otelmon.signals.github import GITHUB_EVENTS
from otelmon.signals.kinds import POOL_NAME, Signal

_CALL = (
    "db.system.name",
    "db.namespace",
    "db.operation.name",
    "db.collection.name",
    "db.query.summary",
    "db.query.text",
    "otelmon.db.query.fingerprint",
    "db.response.returned_rows",
    "server.address",
    "server.port",
    "otelmon.db.backend_pid",
    "otelmon.db.pool.wait_ms",
    "otelmon.db.orm.lazy_loaded_from",
    "code.function.name",
    "code.file.path",
    "code.line.number",
    "http.route",
    "otelmon.db.duration",
    "otelmon.db.query_id",
    "otelmon.marked.rank",
)
_BLOCKER = tuple(
    f"otelmon.db.blocker.{name}" for name in ("pid", "state", "trace_id", "span_id", "function", "file", "line")
)
_SERVER = ("otelmon.db.state", "otelmon.db.wait_event_type", "otelmon.db.wait_event", "otelmon.db.blocking_pids")
_STATEMENT = tuple(
    name for name in _CALL if name.startswith(("db.", "server.")) and name != "db.response.returned_rows"
)
_PLAN = tuple(f"otelmon.db.plan.{name}" for name in ("result", "hash", "shape", "cost", "text"))
_CODE = ("code.function.name", "code.file.path", "code.line.number", "code.stacktrace")
_HELD = (POOL_NAME, "otelmon.db.client.connection.leak.kind", "otelmon.db.client.connection.held", *_CODE)
EVENTS: tuple[Signal, ...] = (
    Signal(
        "otelmon.db.slow",
        "",
        "A database call took as long as its threshold or longer; sent whatever is sampled. Duration in seconds.",
        (*_CALL, "otelmon.slow_threshold_ms"),
    ),
    Signal(
        "otelmon.db.slow.running",
        "",
        "A database call has reached its threshold and is still running; once a call, in the trace that it runs in. "
        "With OTELMON_DB_DIAGNOSTICS what the server says of it: state, wait event, blocking processes, and, where the "
        "blocker is a connection of this process, trace and line of what it runs or ran last.",
        (
            *_SERVER,
            *_BLOCKER,
            "otelmon.db.pooler",
            *(name for name in _CALL if name not in ("db.response.returned_rows", "http.route")),
            "otelmon.slow_threshold_ms",
        ),
    ),
    Signal(
        "otelmon.db.plan",
        "",
        "The plan of a slow call with the values it had, asked for after it (OTELMON_DB_DIAGNOSTICS); a few a minute "
        "and statement. result: planned, or why there is none: volatile_function, modifies_data, not_a_query, "
        "several_statements, too_long, refused_by_server, or cannot_tell where the session has changed settings.",
        (*_STATEMENT, *_PLAN),
    ),
    Signal(
        "otelmon.plan.changed",
        "",
        "A statement has a plan of a shape that it did not have before in this process.",
        (*_STATEMENT, *_PLAN, "otelmon.db.plan.previous_hash"),
    ),
    Signal(
        "otelmon.db.error",
        "",
        "A database call failed; sent whatever is sampled, its message without values. In a process that uses "
        "sentry-sdk five seconds later, with otelmon.sentry.captured where that has reported the error meanwhile.",
        (
            *_CALL,
            "error.type",
            "db.response.status_code",
            "exception.type",
            "exception.message",
            "otelmon.sentry.captured",
        ),
    ),
    Signal(
        "otelmon.db.marked_calls",
        "",
        "How many slow and failed calls a statement had in one minute in this process, when more than one; after the "
        "minute. Exact, whatever of them was sent. minute: its beginning in unix seconds.",
        (
            "db.system.name",
            "db.namespace",
            "server.address",
            "server.port",
            "db.operation.name",
            "db.collection.name",
            "db.query.summary",
            "otelmon.db.query.fingerprint",
            "otelmon.marked.count",
            "otelmon.marked.minute",
        ),
    ),
    Signal(
        "otelmon.db.operation",
        "",
        "A database call has ended, whatever became of it; told as OTELMON_OPERATION_LOG says, by the schema "
        "docs/schemas/otelmon.db.operation.v1.json. Duration in seconds.",
        (
            *_CALL,
            "otelmon.schema_version",
            "db.operation.batch.size",
            "otelmon.db.retry",
            "error.type",
            "db.response.status_code",
            "exception.type",
            "exception.message",
        ),
    ),
    Signal(
        "otelmon.n_plus_one",
        "",
        "One request executed a statement at least five times from one line; once a request, statement and line, "
        "at the request's end or at the thousandth execution; in the request's span. count: executions until then.",
        (
            "db.system.name",
            "db.namespace",
            "server.address",
            "server.port",
            "db.operation.name",
            "db.collection.name",
            "db.query.summary",
            "db.query.text",
            "otelmon.db.query.fingerprint",
            "otelmon.n_plus_one.kind",
            "otelmon.n_plus_one.count",
            "code.function.name",
            "code.file.path",
            "code.line.number",
        ),
    ),
    Signal(
        "otelmon.connection.leaked",
        "",
        "A pooled connection has been out longer than OTELMON_LEAK_AFTER without a statement running on it, or was "
        "lost; in the trace that took it. Held in seconds; at most eight lines of the stack that took it. Without a "
        "pool (#direct): in an open transaction in which nothing has happened for so long, or never closed.",
        _HELD,
    ),
    Signal(
        "otelmon.connection.returned_late",
        "",
        "A connection that was reported as leaked has come back: it was only held for long. The kind is as reported.",
        _HELD,
    ),
    Signal(
        "otelmon.connection.busy",
        "",
        "A pooled connection has been out longer than OTELMON_LEAK_AFTER and a statement is running on it (kind busy). "
        "That is no leak and not counted as one; it becomes one if it stays out as long again without a statement.",
        _HELD,
    ),
    Signal(
        "otelmon.pool.exhausted",
        "",
        "A pool had no connection to give; one event from the first request refused or kept waiting until a checkout "
        "succeeds again and nobody waits, at most ten a minute and pool; in the trace of that request. A wait that is "
        "over when the watch looks, twice a second, is none. The code is the line that asked. refused: requests until "
        "now; waiting: requests now; holders: connections out; other_holders: at most nine more, each as state, time, "
        "trace, function, file:line.",
        (
            POOL_NAME,
            "otelmon.db.pool.max",
            "otelmon.db.pool.holders",
            "otelmon.db.pool.refused",
            "otelmon.db.pool.waiting",
            "otelmon.db.pool.episodes_left_out",
            "otelmon.db.pool.other_holders",
            "otelmon.db.pool.oldest_holder.trace_id",
            "otelmon.db.pool.oldest_holder.span_id",
            "otelmon.db.pool.oldest_holder.held",
            "otelmon.db.pool.oldest_holder.state",
            "otelmon.db.pool.oldest_holder.function",
            "otelmon.db.pool.oldest_holder.file",
            "otelmon.db.pool.oldest_holder.line",
            *_CODE,
        ),
    ),
    *CACHE_EVENTS,
    *GITHUB_EVENTS,
)
