"""Tells from how statements repeat within one request whether a query is asked once for each of many things."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Literal
from uuid import UUID

Kind = Literal["n_plus_one", "duplicate"]
# What may be said of a statement that repeats: nothing, only that its values differ, or also that it asks again.
Repetition = Literal["never", "values", "both"]

# The first two executions are counted only; so five are the fewest of which anything is said.
LOOKED_AT_FROM = 3
MANY = 3

_SINGLE = frozenset(("SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "CALL", "DECLARE"))
# Work for many things at once: rows of values, or a list of them. A value that looks like one hides a repetition only.
_ROWS = re.compile(r"\) ?, ?\(")
_LIST = re.compile(r"\b(?:IN ?\(|ARRAY ?\[)[^()]*,", re.IGNORECASE)
_OFFSET = re.compile(r"\bOFFSET\b", re.IGNORECASE)
_BEYOND = re.compile(r"[<>]=? ?(?:\?|%s|%\(|\$\d)")
_LIMIT = re.compile(r"\b(?:LIMIT|FETCH (?:FIRST|NEXT))\b", re.IGNORECASE)
# What asks for a lock or for the next value means to be asked again.
_AGAIN = re.compile(
    r"\bFOR (?:NO KEY )?(?:UPDATE|(?:KEY )?SHARE)\b|\b(?:nextval|random|clock_timestamp|pg_\w+) ?\(", re.IGNORECASE
)
_PLAIN = frozenset((type(None), bool, int, float, str, bytes, Decimal, UUID, dt.date, dt.timedelta))
_LONGEST_VALUE = 4096
_MOST_VALUES = 256
_MOST_BITS = 256


def repetition_of(text: str, operation: str, summary: str, statement: str) -> Repetition:
    """Returns what repetitions of a statement can tell.

    Args:
        text: the statement as it is, for redaction makes long lists short; not too long.
        operation: its verb.
        summary: operation and tables.
        statement: the text, redacted.
    """
    if operation not in _SINGLE or ";" in statement.rstrip("; ") or _is_page(statement) or _is_bulk(text):
        return "never"
    is_read = operation in {"SELECT", "DECLARE"} and summary != operation
    return "both" if is_read and not _AGAIN.search(statement) else "values"


def _is_page(statement: str) -> bool:
    """Tells whether a statement reads on from an offset, or from the last value of the page before."""
    beyond = _BEYOND.search(statement)
    return bool(_OFFSET.search(statement) or (beyond and _LIMIT.search(statement, beyond.end())))


def _is_bulk(text: str) -> bool:
    line = " ".join(text.split())
    values = line.upper().find("VALUES")
    return bool((values >= 0 and _ROWS.search(line, values)) or _LIST.search(line))


def written_down(parameters: object) -> bytes | None:
    """Returns parameters as bytes that are equal for equal values, None where that cannot be known.

    Only values of exact built-in types are looked at, so that no code of an application runs. A list of two or more is
    work for many things at once and tells nothing.

    Args:
        parameters: as the application gave them: nothing, a tuple, a list, or a dictionary by name.
    """
    names: tuple[object, ...] = ()
    if parameters is None:
        return b""
    if type(parameters) is dict:
        names, values = tuple(parameters), tuple(parameters.values())
    elif type(parameters) is tuple or type(parameters) is list:
        values = tuple(parameters)
    else:
        return None
    if len(values) > _MOST_VALUES or not all(map(_is_plain, names)) or not all(map(_is_plain, values)):
        return None
    return repr((names, values)).encode("utf-8", "surrogatepass")


def _is_plain(value: object) -> bool:
    if type(value) is str or type(value) is bytes:
        return len(value) <= _LONGEST_VALUE
    if type(value) is int:
        return value.bit_length() <= _MOST_BITS
    if type(value) is dt.datetime:
        return value.tzinfo is None or type(value.tzinfo) is dt.timezone
    return type(value) in _PLAIN


def kind_of(repetition: Repetition, distinct: int, equal: int) -> Kind | None:
    """Returns what the executions of one statement at one line are, None while too little is known.

    Args:
        repetition: what they can tell.
        distinct: how many different values they had.
        equal: how many of them had the values of the first one.
    """
    if distinct >= MANY:
        return "n_plus_one"
    return "duplicate" if repetition == "both" and distinct == 1 and equal >= MANY else None
