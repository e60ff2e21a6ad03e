"""Takes values out of span names."""

from __future__ import annotations

from otelmon.rules.sql_redaction import redact_sql
from otelmon.rules.text_redaction import redact_text


def redact_span_name(name: str, *, database: bool) -> str:
    """Returns a span name without literals."""
    return redact_sql(name) if database else redact_text(name)
