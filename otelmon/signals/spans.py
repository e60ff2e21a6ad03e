"""Every span attribute and event of otelmon."""

from __future__ import annotations

from otelmon.signals.caches import CACHE_EVENTS
from otelmon.signals.github import GITHUB_EVENTS
from otelmon.signals.kinds import POOL_NAME, Signal

SPAN_ATTRIBUTES: tuple[Signal, ...] = (
    Signal(
        "db.query.text",
        "string",
        "The statement without literals, ? for any other text; absent with OTELMON_SQL_TEXT=none.",
    ),
    Signal("db.query.summary", "string", "Operation and tables, such as SELECT contributors; the name of the span."),
    Signal("db.operation.name", "string", "The verb of a statement, of a closed set, else OTHER."),
    Signal("db.collection.name", "string", "The one table that a statement works on; absent where there are several."),
    Signal(
        "otelmon.db.query.fingerprint",
        "string",
        "On a slow or failed database call: the same for statements that differ in their values only.",
    ),
    Signal(
        "otelmon.db.retry",
        "int",
        "Attempts of the same statement below the same span that failed before with an error that asks for another "
        "attempt, such as a deadlock; absent for none.",
    ),
    Signal("otelmon.n_plus_one.count", "int", "On a request's span: executions of what repeats most."),
    Signal("otelmon.n_plus_one.kind", "string", "n_plus_one where its values differ, else duplicate."),
    Signal("otelmon.n_plus_one.fingerprint", "string", "Its fingerprint."),
    Signal("otelmon.n_plus_one.line", "string", "The application's file and line that executes it."),
    Signal("otelmon.db.backend_pid", "int", "The server's process that ran the call."),
    Signal(
        "otelmon.db.query_id",
        "int",
        "The server's id of the statement, as in pg_stat_statements: on slow and failed calls, with "
        "OTELMON_DB_DIAGNOSTICS, where it is certain.",
    ),
    Signal("db.response.status_code", "string", "SQLSTATE of a call that the server refused."),
    Signal("db.response.returned_rows", "int", "Rows that came back; absent for statements that return none."),
    Signal("db.operation.batch.size", "int", "Parameter sets of executemany, when more than one."),
    Signal(
        "otelmon.db.pool.wait_ms",
        "double",
        "On the first call after a checkout: milliseconds from asking the pool for the connection until it was there.",
    ),
    Signal(
        "otelmon.db.orm.lazy_loaded_from",
        "string",
        "The mapped class whose attribute SQLAlchemy loaded by this call when it was read.",
    ),
    Signal("code.function.name", "string", "The application's function that made a slow or failed database call."),
    Signal("http.route", "string", "On a database call directly below a server's span: the route of the request."),
    Signal(
        "otelmon.keep",
        "string",
        "Why the span is kept: error, throttled, slow_db, slow_http, leak; canary.",
    ),
    Signal("otelmon.slow", "boolean", "True on a span that took as long as its threshold or longer."),
    Signal("otelmon.slow_threshold_ms", "int", "The threshold that the span reached, in milliseconds."),
    Signal(
        "otelmon.promoted", "boolean", "True on a span that was sent for a slow or failed call, though not sampled."
    ),
    Signal("otelmon.canary", "boolean", "True on the two spans of a canary, sent to see that the way is open."),
    Signal("otelmon.github.rate_limit.limit", "int", "Requests that GitHub allows in one window."),
    Signal("otelmon.github.rate_limit.remaining", "int", "Requests left in the window."),
    Signal("otelmon.github.rate_limit.used", "int", "Requests spent in the window."),
    Signal("otelmon.github.rate_limit.reset", "int", "End of the window, unix seconds."),
    Signal("otelmon.github.rate_limit.resource", "string", "The budget that the request was counted against."),
    Signal("otelmon.github.throttle", "string", "The limit that refused the request: primary or secondary."),
    Signal("otelmon.github.points", "int", "Points that a GraphQL call has cost, where its body says so in time."),
    Signal("otelmon.db.client.connection.held", "double", "How long a leaked connection has been out, in seconds."),
    Signal("otelmon.db.client.connection.leak.kind", "string", "idle, in_transaction, closed, abandoned or unknown."),
)

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
        "A database call failed; sent whatever is sampled, its message without values.",
        (*_CALL, "error.type", "db.response.status_code", "exception.type", "exception.message"),
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
