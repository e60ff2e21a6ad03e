"""Takes literals and secrets out of the attributes of a span, event or link, by key."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING

from otelmon.rules.attribute_keys import Kind, kind_of
from otelmon.rules.encodable import encodable_text
from otelmon.rules.error_redaction import redact_error_message
from otelmon.rules.span_name import redact_span_name
from otelmon.rules.sql_redaction import redact_sql
from otelmon.rules.stacktrace_redaction import redact_stacktrace
from otelmon.rules.text_redaction import HIDDEN, redact_text
from otelmon.rules.url_redaction import redact_url

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 4096
MOST_ITEMS = 1000
DEEPEST = 4
# The integers of the protocol are signed 64-bit ones.
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1
_INFINITY = float("inf")
_DROPPED = object()


def redact_attributes(attributes: Mapping[str, object], *, sql_text: str) -> dict[str, object]:
    """Returns the attributes without literals and secrets, in values that every exporter can encode.

    Args:
        attributes: of a span, an event or a link; never changed.
        sql_text: ``redacted``, or ``none`` to leave statements out altogether.
    """
    return _redacted(attributes, sql_text == "none", DEEPEST)


def _redacted(attributes: Mapping[str, object], no_sql: bool, depth: int) -> dict[str, object]:
    redacted: dict[str, object] = {}
    for key, value in attributes.items():
        kind = kind_of(key)
        redact: Callable[[str], str]
        if kind == "dropped" or (no_sql and kind == "sql"):
            continue
        if kind == "error":
            redact = functools.partial(_error, exception_type=_type_of(attributes))
        elif kind == "stack":
            redact = functools.partial(redact_stacktrace, message=_message_of(attributes))
        else:
            redact = _BY_KIND[kind]
        new = _value(value, redact, no_sql, depth)
        if new is not _DROPPED:
            redacted[key if key.isascii() else encodable_text(key)] = new
    return redacted


def _value(value: object, redact: Callable[[str], str], no_sql: bool, depth: int) -> object:
    """Redacts one value of any type; what the protocol cannot carry is dropped."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, (bool, int, float)):
        return _number(value)
    if isinstance(value, (bytes, bytearray)):
        return redact(bytes(value[: 16 * LONGEST]).decode("utf-8", "replace"))
    if isinstance(value, (list, tuple)) and depth:
        items = (_value(item, redact, no_sql, depth - 1) for item in value[:MOST_ITEMS])
        return tuple(item for item in items if item is not _DROPPED)
    if isinstance(value, Mapping) and depth:
        return _redacted({str(key): item for key, item in value.items()}, no_sql, depth - 1)
    return _DROPPED


def _number(value: float) -> object:
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if _LOWEST <= value <= _HIGHEST else _DROPPED
    return value if -_INFINITY < value < _INFINITY else _DROPPED


def _error(message: str, exception_type: str) -> str:
    return redact_error_message(message, exception_type)


def _type_of(attributes: Mapping[str, object]) -> str:
    known = attributes.get("exception.type", attributes.get("error.type"))
    return known if isinstance(known, str) else ""


def _message_of(attributes: Mapping[str, object]) -> str | None:
    message = attributes.get("exception.message")
    return message if isinstance(message, str) else None


def _text(text: str) -> str:
    return redact_text(text)[:LONGEST]


def _url(text: str) -> str:
    return redact_url(text)[:LONGEST]


def _name(text: str) -> str:
    return redact_span_name(text, database=True)


def _secret(_: str) -> str:
    return HIDDEN


_BY_KIND: dict[Kind, Callable[[str], str]] = {
    "text": _text,
    "sql": redact_sql,
    "sql_name": _name,
    "url": _url,
    "secret": _secret,
}
