"""Takes literals and secrets out of a span: attributes, name, events, links and status description."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import Link, Status

from otelmon import guard
from otelmon.processors.marks import is_database
from otelmon.rules.attribute_redaction import redact_attributes
from otelmon.rules.error_redaction import redact_error_message
from otelmon.rules.span_name import redact_span_name
from otelmon.rules.sql_operation import operation_name
from otelmon.rules.sql_summary import query_summary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from otelmon.processors.marks import Mark

_ATTRIBUTES = guard.site("processors.redact_attributes")
_NAME = guard.site("processors.redact_name")
_EVENTS = guard.site("processors.redact_events")
_LINKS = guard.site("processors.redact_links")
_STATUS = guard.site("processors.redact_status")
_SUMMARY = guard.site("processors.query_summary")
REFUSED = "[refused]"
# Whatever ended a database call is read as an error of its driver.
_DRIVER = "psycopg"


def redacted_span(span: ReadableSpan, marks: Mapping[str, Mark], sql_text: str) -> ReadableSpan:
    """Returns a copy of a finished span without literals and secrets, with the marks added.

    Whatever cannot be redacted is left out: a failing rule costs information, never a secret.

    Args:
        span: the finished span.
        marks: attributes to add.
        sql_text: ``redacted`` or ``none``, as in ``Settings.sql_text``.
    """
    own: Mapping[str, Any] = span.attributes or {}
    database = is_database(own)
    attributes: dict[str, Any] = guard.call(_ATTRIBUTES, redact_attributes, own, sql_text=sql_text) or {}
    if database:
        attributes.update(guard.call(_SUMMARY, _summary, own, attributes) or {})
    attributes.update(marks)
    return ReadableSpan(
        name=guard.call(_NAME, redact_span_name, span.name, database=database) or REFUSED,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=attributes,
        events=(span.events and guard.call(_EVENTS, _events, span.events, sql_text)) or (),
        links=(span.links and guard.call(_LINKS, _links, span.links, sql_text)) or (),
        kind=span.kind,
        status=_status(span, database=database),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _summary(own: Mapping[str, Any], redacted: Mapping[str, Any]) -> dict[str, str]:
    """Adds operation and summary where the instrumentor gave none, from the original statement."""
    statement = own.get("db.query.text", own.get("db.statement"))
    if isinstance(statement, bytes):
        statement = statement.decode("utf-8", "replace")
    if not isinstance(statement, str):
        return {}
    added: dict[str, str] = {}
    if "db.query.summary" not in redacted:
        added["db.query.summary"] = query_summary(statement)
    if "db.operation.name" not in redacted:
        added["db.operation.name"] = operation_name(statement)
    return added


def _events(events: Sequence[Event], sql_text: str) -> tuple[Event, ...]:
    return tuple(
        Event(
            redact_span_name(event.name, database=False),
            redact_attributes(event.attributes or {}, sql_text=sql_text),  # type: ignore[arg-type]  # values stay encodable
            event.timestamp,
        )
        for event in events
    )


def _links(links: Sequence[Link], sql_text: str) -> tuple[Link, ...]:
    return tuple(
        Link(link.context, redact_attributes(link.attributes or {}, sql_text=sql_text))  # type: ignore[arg-type]  # as above
        for link in links
    )


def _status(span: ReadableSpan, *, database: bool) -> Status:
    """Returns the status with its description redacted, or without one where that fails."""
    status = span.status
    if not status.description:
        return status
    redacted = guard.call(_STATUS, _description, status.description, span.events, database=database)
    return Status(status.status_code, redacted)


def _description(description: str, events: Sequence[Event], *, database: bool) -> str:
    """Redacts a description, which instrumentors write as ``Type: message`` of the exception."""
    kind, separator, message = description.partition(": ")
    if not separator or not kind.replace("_", "").replace(".", "").isalnum():
        return redact_error_message(description, _DRIVER if database else "")
    return f"{kind}: {redact_error_message(message, _whole_type(kind, events, database=database))}"


def _whole_type(kind: str, events: Sequence[Event], *, database: bool) -> str:
    """Returns the class that a description names without its module: asyncpg's names alone tell of no database."""
    for event in events:
        known = (event.attributes or {}).get("exception.type")
        if isinstance(known, str) and known.rpartition(".")[2] == kind:
            return known
    return f"{_DRIVER}.{kind}" if database else kind
