"""Writes one log record as one line of JSON, without credentials; no clock, no state."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from otelmon.rules.attribute_redaction import redact_attributes
from otelmon.rules.error_redaction import is_database_error, redact_error_message, redact_stacktrace
from otelmon.rules.text_redaction import redact_text

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 8192


class LogFacts(NamedTuple):
    """Holds what a record says; ids are lower-case hexadecimal, empty where there is no span; ``time`` is ISO 8601."""

    time: str
    level: str
    logger: str
    message: str
    service: str = ""
    trace_id: str = ""
    span_id: str = ""
    event: str = ""
    attributes: Mapping[str, object] = {}
    error: tuple[str, str, str] | None = None


def log_fields(facts: LogFacts) -> dict[str, object]:
    """Returns the fields of a line: those of docs/schemas/log-line.v1.json; what is not known is absent."""
    fields: dict[str, object] = {
        "time": facts.time,
        "level": facts.level,
        "logger": facts.logger,
        "message": clean_text(facts.message),
    }
    for name in ("service", "trace_id", "span_id", "event"):
        if value := getattr(facts, name):
            fields[name] = value
    if facts.attributes:
        fields["attributes"] = redact_attributes(facts.attributes, sql_text="redacted")
    if facts.error is not None:
        kind, message, stacktrace = facts.error
        fields["error"] = {
            "type": kind,
            "message": redact_error_message(message, kind),
            "stacktrace": redact_stacktrace(stacktrace, message),
        }
    return fields


def log_line(facts: LogFacts) -> str:
    """Returns the line, without its end."""
    return json.dumps(log_fields(facts), ensure_ascii=False, separators=(",", ":"))


def clean_text(text: str) -> str:
    """Returns a message without credentials, and without values where it repeats a database's error."""
    return redact_error_message(text, "") if is_database_error(text, "") else redact_text(text)[:LONGEST]
