"""Tells by its key what an attribute holds.

Keys: https://opentelemetry.io/docs/specs/semconv/registry/attributes/ and the older names that instrumentors still set.
"""

from __future__ import annotations

import functools
import re
from typing import Literal

Kind = Literal["text", "sql", "sql_name", "url", "secret", "error", "stack", "dropped"]

_BY_KEY: dict[str, Kind] = {
    "db.query.text": "sql",
    "db.statement": "sql",
    "db.query.summary": "sql_name",
    "db.operation.name": "sql_name",
    "db.operation": "sql_name",
    "db.statement.parameters": "dropped",
    "db.query.parameters": "dropped",
    "db.sql.parameters": "dropped",
    "url.full": "url",
    "url.original": "url",
    "url.path": "url",
    "http.url": "url",
    "http.target": "url",
    "http.referer": "url",
    "url.query": "dropped",
    "url.fragment": "dropped",
    "http.request.body": "dropped",
    "http.response.body": "dropped",
    "exception.message": "error",
    "error.message": "error",
    "exception.stacktrace": "stack",
    "code.stacktrace": "stack",
}
_DROPPED = ("db.query.parameter.", "db.operation.parameter.", "db.statement.parameter.")
_HEADER = re.compile(r"(?:\.header|\.metadata|\.trailer)\.(.+)", re.DOTALL)
_SECRET_HEADER = re.compile(
    r"authorization|cookie|token|secret|password|credential|signature|session|api[_-]?key|access[_-]?key|[_-]auth|^auth|csrf"
    r"|xsrf|client[_-]cert",
)
_ADDRESS_HEADER = frozenset(("location", "content-location", "referer", "x-original-url", "x-rewrite-url"))
_SECRET = re.compile(
    r"(?:^|[._-])(?:password|passwd|pwd|passphrase|secret|token|api_?key|access_?key|private_?key|authorization|cookie"
    r"|credentials?|client_secret|(?:access|refresh|id|auth|bearer)_?token|secret_?key|session_?id|database_url|dsn)$"
)


@functools.lru_cache(maxsize=1024)
def kind_of(key: str) -> Kind:
    """Returns what an attribute of this key holds; ``text`` unless something stricter applies."""
    known = _BY_KEY.get(key)
    if known:
        return known
    lowered = key.lower()
    if lowered.startswith(_DROPPED):
        return "dropped"
    header = _HEADER.search(lowered)
    if header:
        return _kind_of_header(header.group(1))
    return "secret" if _SECRET.search(lowered) else "text"


def _kind_of_header(name: str) -> Kind:
    if _SECRET_HEADER.search(name):
        return "secret"
    return "url" if name.replace("_", "-") in _ADDRESS_HEADER else "text"
