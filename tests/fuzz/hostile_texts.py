"""Texts of a megabyte that are made to be read slowly, and the rules that read them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from otelmon.calls.statement_facts import statement_facts
from otelmon.rules.attribute_redaction import redact_attributes
from otelmon.rules.error_redaction import redact_error_message, redact_stacktrace
from otelmon.rules.sentry_event import free_text
from otelmon.rules.span_name import redact_span_name
from otelmon.rules.sql_fingerprint import fingerprint
from otelmon.rules.sql_operation import operation_name
from otelmon.rules.sql_redaction import redact_sql
from otelmon.rules.sql_summary import query_summary
from otelmon.rules.text_redaction import redact_text
from otelmon.rules.url_redaction import redact_url

Reader = Callable[[str], Any]
MEGABYTE = 1_000_000
READERS: dict[str, Reader] = {
    "redact_sql": redact_sql,
    "query_summary": query_summary,
    "operation_name": operation_name,
    "fingerprint": fingerprint,
    "statement_facts": statement_facts,
    "name of a database span": lambda text: redact_span_name(text, database=True),
    "name of a span": lambda text: redact_span_name(text, database=False),
    "redact_text": redact_text,
    "redact_url": redact_url,
    "error": lambda text: redact_error_message(text, ""),
    "database error": lambda text: redact_error_message(text, "psycopg2.errors.DataError"),
    "free text": free_text,
    "stack trace": redact_stacktrace,
    "stack trace with a message": lambda text: redact_stacktrace(f"Traceback (most recent call last):\n{text}", text),
    "attribute": lambda text: redact_attributes({"db.query.text": text}, sql_text="redacted"),
    "attribute of bytes": lambda text: redact_attributes({"a": text.encode("utf-8", "replace")}, sql_text="redacted"),
}
_TOKENS = r"""
' " $ $a$ $1 E' U&' b' \ -- /* */ 1 1e .5 e . - + ( ) , [ ] { } VALUES IN( ARRAY[ SET ALTER CREATE ROLE TO
COPY STDIN ; ? = %s %(a)s NULL CAST( AS JOIN EXTRACT( WITH USING ONLY a a.b "a" "a""b" ::int (1) (1,2) :: :p
numeric(1) FROM INTO UPDATE DISTINCT SELECT UESCAPE ESCAPE TRIM( password token= password=' secret: https://
u:p@ & # http://a/b bearer token basic @ / DETAIL: [SQL: Traceback File : eyJ AKIA ghp_ sk- -----BEGIN PRIVATE
KEY Cookie: é 漢 <= || -> line constraint
"""
_token = st.one_of(st.sampled_from([*_TOKENS.split(), " ", "\n", "\0", "\ud800"]), st.text(max_size=2))


@dataclass(frozen=True)
class Megabyte:
    """A short text that is repeated to a megabyte between two others; shown as what it is made of."""

    before: str
    unit: str
    after: str

    def text(self) -> str:
        """Returns the whole."""
        return (self.before + self.unit * (MEGABYTE // len(self.unit)))[:MEGABYTE] + self.after


_several = st.lists(_token, max_size=3).map("".join)
_unit = st.lists(st.tuples(_token, st.sampled_from(["", " "])).map("".join), min_size=1, max_size=6).map("".join)
megabytes = st.builds(Megabyte, _several, _unit.filter(bool), _several)
