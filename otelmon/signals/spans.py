"""Every span attribute of otelmon."""

from __future__ import annotations

from otelmon.signals.kinds import Signal

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
    Signal(
        "otelmon.marked.rank",
        "int",
        "On a slow or failed database call: the how manieth of its statement in this process and minute, from 1; what "
        "a brown-out goes by (docs/sentry.md).",
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
