"""Takes literals and secrets out of the attributes of a span, by key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.rules.error_redaction import redact_error_message, redact_stacktrace
from otelmon.rules.sql_redaction import redact_sql
from otelmon.rules.text_redaction import redact_text
from otelmon.rules.url_redaction import redact_url

if TYPE_CHECKING:
    from collections.abc import Mapping

_SQL = frozenset({"db.query.text", "db.statement"})
_URL = frozenset({"url.full", "http.url", "http.target", "url.path"})
_DROPPED = frozenset({"url.query", "db.statement.parameters"})


def redact_attributes(attributes: Mapping[str, object], *, sql_text: str) -> dict[str, object]:
    """Returns the attributes without literals and secrets."""
    redacted: dict[str, object] = {}
    for key, value in attributes.items():
        if key in _DROPPED or (key in _SQL and sql_text == "none"):
            continue
        redacted[key] = _redacted(key, value) if isinstance(value, str) else value
    return redacted


def _redacted(key: str, value: str) -> str:
    if key in _SQL:
        return redact_sql(value)
    if key in _URL:
        return redact_url(value)
    if key == "exception.message":
        return redact_error_message(value, "")
    return redact_stacktrace(value) if key == "exception.stacktrace" else redact_text(value)
