"""Takes values out of span names."""

from __future__ import annotations

import re

from otelmon.rules.sql_redaction import redact_sql
from otelmon.rules.text_redaction import redact_text
from otelmon.rules.url_redaction import redact_url

LONGEST = 255
# As much as the rules for statements and texts read; blanks before a statement are looked through one by one.
LONGEST_READ = 16_384
_REQUEST = re.compile(r"(?:HTTP )?(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|CONNECT|TRACE|QUERY) (?=/|[a-z]{2,5}://)")
_URL = re.compile(r"/|[A-Za-z][A-Za-z0-9+.-]{1,31}://")
_SQL = re.compile(
    r"\s*(?:--|/\*|\(|\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH|MERGE INTO|COPY|CALL|ALTER|CREATE|SET|DO|VALUES"
    r"|EXECUTE)\b)",
    re.IGNORECASE,
)


def redact_span_name(name: str, *, database: bool) -> str:
    """Returns a span name without SQL literals, comments, queries of URLs and secrets, at most 255 characters.

    Args:
        name: such as ``SELECT``, ``GET /x/<id>`` or, by mistake of an instrumentor, a whole statement or URL.
        database: whether the span describes a database call.
    """
    name = name[:LONGEST_READ]
    if database:
        return redact_sql(name, LONGEST)
    request = _REQUEST.match(name)
    if request:
        return (request.group() + redact_url(name[request.end() :]))[:LONGEST]
    if _URL.match(name):
        return redact_url(name)[:LONGEST]
    if _SQL.match(name):
        return redact_sql(redact_text(name), LONGEST)
    return redact_text(name)[:LONGEST]
