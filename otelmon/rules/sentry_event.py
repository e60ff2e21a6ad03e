"""Takes values and secrets out of what sentry-sdk is about to send: an error event or a transaction.

Source of the fields: https://develop.sentry.dev/sdk/data-model/event-payloads/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from otelmon.rules.attribute_redaction import redact_attributes
from otelmon.rules.error_redaction import is_database_error, redact_error_message
from otelmon.rules.sentry_frames import scrub_stacktrace
from otelmon.rules.sql_redaction import redact_sql
from otelmon.rules.text_redaction import redact_text
from otelmon.rules.url_redaction import redact_url

Document = Mapping[str, Any]
LONGEST = 4096
# What identifies an event and holds no text of the application's.
_IDENTITY = ("event_id", "timestamp", "start_timestamp", "type", "platform", "level", "environment", "release", "sdk")
# Of a request stays where it went, and headers by name: body, cookies and query are what users typed.
_REQUEST = ("method", "url", "headers")
_SQL_KEYS = frozenset(("sql", "query", "statement", "db.statement", "db.query.text"))
_PARAMETER = "sentry.message.parameter"
_HEADER = "http.request.header."


def scrub_event(event: Document) -> dict[str, object]:
    """Returns the event without frame variables, SQL values, DETAIL of errors, and credentials.

    Args:
        event: as an event processor gets it; never changed.
    """
    scrubbed = dict(event)
    for key, scrub in _SCRUBBING.items():
        if event.get(key) is not None:
            scrubbed[key] = scrub(event[key])
    return scrubbed


def bare_event(event: Document) -> dict[str, object]:
    """Returns what is left of an event that cannot be scrubbed: its identity, its trace, and types of exceptions."""
    left: dict[str, object] = {key: event[key] for key in _IDENTITY if key in event}
    contexts = event.get("contexts")
    trace = contexts.get("trace") if isinstance(contexts, Mapping) else None
    if isinstance(trace, Mapping):
        left["contexts"] = {"trace": {key: trace[key] for key in ("trace_id", "span_id") if key in trace}}
    exceptions = event.get("exception")
    values = exceptions.get("values") if isinstance(exceptions, Mapping) else None
    if isinstance(values, list):
        left["exception"] = {
            "values": [{"type": str(each.get("type"))} for each in values if isinstance(each, Mapping)]
        }
    return left


def scrub_log(record: Document) -> dict[str, object]:
    """Returns a log record of sentry-sdk's own without values; those of its template are dropped."""
    scrubbed: dict[str, object] = {**record, "body": _text(record.get("body"))}
    attributes = record.get("attributes")
    if attributes is not None:
        named = attributes if isinstance(attributes, Mapping) else {}
        scrubbed["attributes"] = _facts(
            {key: value for key, value in named.items() if not str(key).startswith(_PARAMETER)}
        )
    return scrubbed


def free_text(text: str) -> str:
    """Returns a message of the application's without values: read as an error's where it looks like a database's."""
    return redact_error_message(text, "") if is_database_error(text, "") else redact_text(text)[:LONGEST]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _values(holder: Any, scrub: Any) -> Any:  # noqa: ANN401 - sentry's JSON
    """Scrubs each of the list that stands in ``values``, or is the thing itself."""
    if isinstance(holder, Mapping):
        return {**holder, "values": [scrub(each) for each in _list(holder.get("values")) if isinstance(each, Mapping)]}
    return {"values": [scrub(each) for each in _list(holder) if isinstance(each, Mapping)]}


def _with_stacktrace(thing: Mapping[str, Any]) -> dict[str, Any]:
    return {**thing, "stacktrace": scrub_stacktrace(thing["stacktrace"])} if "stacktrace" in thing else dict(thing)


def _exception(thrown: Mapping[str, Any]) -> dict[str, Any]:
    scrubbed = _with_stacktrace(thrown)
    kind = f"{thrown.get('module') or ''}.{thrown.get('type') or ''}".strip(".")
    value = thrown.get("value")
    scrubbed["value"] = redact_error_message(value if isinstance(value, str) else "", kind)
    mechanism = thrown.get("mechanism")
    if mechanism is not None:
        scrubbed["mechanism"] = _mechanism(mechanism)
    return scrubbed


def _mechanism(mechanism: Any) -> dict[str, Any]:  # noqa: ANN401 - sentry's JSON
    if not isinstance(mechanism, Mapping):
        return {}
    return {**mechanism, "data": _facts(mechanism["data"])} if mechanism.get("data") is not None else dict(mechanism)


def _breadcrumb(crumb: Mapping[str, Any]) -> dict[str, Any]:
    scrubbed = dict(crumb)
    message, data = crumb.get("message"), crumb.get("data")
    is_query = "query" in (crumb.get("category"), crumb.get("type"))
    if message is not None:
        scrubbed["message"] = redact_sql(str(message), LONGEST) if is_query else free_text(str(message))
    if data is not None:
        scrubbed["data"] = _facts(data) if isinstance(data, Mapping) else {}
    return scrubbed


def _span(span: Any) -> Any:  # noqa: ANN401 - sentry's JSON
    if not isinstance(span, Mapping):
        return {}
    scrubbed = dict(span)
    description = str(span.get("description") or "")
    scrubbed["description"] = (
        redact_sql(description, LONGEST) if str(span.get("op") or "").startswith("db") else redact_text(description)
    )
    for key in ("data", "tags"):
        if span.get(key) is not None:
            scrubbed[key] = _facts(span[key])
    return scrubbed


def _text(text: object) -> str:
    return free_text(text) if isinstance(text, str) else ""


def _log_entry(entry: Any) -> dict[str, Any]:  # noqa: ANN401 - sentry's JSON
    """Returns the texts of a log entry; the values of its template are dropped, for they stand in the text again."""
    if not isinstance(entry, Mapping):
        return {}
    return {key: free_text(entry[key]) for key in ("message", "formatted") if isinstance(entry.get(key), str)}


def _facts(facts: Any) -> dict[str, Any]:  # noqa: ANN401 - sentry's JSON
    """Redacts what has names; a statement is known by its name only."""
    if not isinstance(facts, Mapping):
        return {}
    statements = {key: value for key, value in facts.items() if key in _SQL_KEYS and isinstance(value, str)}
    redacted = redact_attributes({str(key): value for key, value in facts.items()}, sql_text="redacted")
    return {**redacted, **{key: redact_sql(value, LONGEST) for key, value in statements.items()}}


def _context(name: str, context: Any) -> Any:  # noqa: ANN401 - sentry's JSON
    if not isinstance(context, Mapping):
        return {}
    if name != "trace":
        return _facts(context)
    known = {key: value for key, value in context.items() if key != "data"}
    return {**known, "data": _facts(context["data"])} if isinstance(context.get("data"), Mapping) else known


def _contexts(contexts: Any) -> dict[str, Any]:  # noqa: ANN401 - sentry's JSON
    return {name: _context(name, each) for name, each in contexts.items()} if isinstance(contexts, Mapping) else {}


def _request(request: Any) -> dict[str, Any]:  # noqa: ANN401 - sentry's JSON
    if not isinstance(request, Mapping):
        return {}
    kept = {key: request[key] for key in _REQUEST if key in request}
    if "url" in kept:
        kept["url"] = redact_url(str(kept["url"]))
    if "headers" in kept:
        headers = kept["headers"] if isinstance(kept["headers"], Mapping) else {}
        named = redact_attributes({f"{_HEADER}{name}": str(value) for name, value in headers.items()}, sql_text="none")
        kept["headers"] = {name[len(_HEADER) :]: value for name, value in named.items()}
    return kept


_SCRUBBING: dict[str, Callable[[Any], Any]] = {
    "exception": lambda holder: _values(holder, _exception),
    "threads": lambda holder: _values(holder, _with_stacktrace),
    "breadcrumbs": lambda holder: _values(holder, _breadcrumb),
    "spans": lambda spans: [_span(each) for each in _list(spans)],
    "stacktrace": scrub_stacktrace,
    "message": _text,
    "logentry": _log_entry,
    "transaction": lambda name: redact_text(str(name)),
    "extra": _facts,
    "tags": _facts,
    "user": _facts,
    "contexts": _contexts,
    "request": _request,
}
