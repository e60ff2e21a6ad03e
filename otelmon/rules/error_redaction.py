"""Takes values out of error messages."""

from __future__ import annotations

import re

from otelmon.rules.encodable import encodable_text
from otelmon.rules.error_vocabulary import WORDS
from otelmon.rules.stacktrace_redaction import redact_stacktrace
from otelmon.rules.text_redaction import redact_text

__all__ = ["redact_error_message", "redact_stacktrace"]

HIDDEN = "?"
LONGEST_READ = 4096
LONGEST = 1024
# As much as is ever shown of a text that is no error's.
_LONGEST_JUDGED = 16_384
_DRIVER = re.compile(r"(?:\b|_)(?:psycopg2?|psycopg_\w+|asyncpg|sqlalchemy|pg8000|aiopg|sqlite3|django\.db|peewee)\b")
# Classes of PEP 249 and of the drivers, which stand without their module in a span's status.
_CLASS = re.compile(
    r"(?:^|\.)(?:(?:Database|Operational|Programming|Integrity|Data|Internal|Interface|NotSupported|Statement|DBAPI"
    r"|Postgres|QueryCanceled|TransactionRollback|ArraySubscript|ConfigFile|Fdw\w*|Grouping|Windowing|System|Io|Plpgsql|Substring|Trim)Error_?"
    r"|(?:Data|FloatingPoint|Raise|TriggeredAction|Diagnostics|Locator|Connection|Savepoint|(?:External|Sql)Routine(?:Invocation)?)Exception|Error|Warning"
    r"|\w*(?:Violation|Undefined|Duplicate|Ambiguous|Deadlock|Serialization|OutOfRange|Overflow(?!Error$)"
    r"|TextRepresentation|Truncation|DivisionByZero|Privilege|LockNot|Transaction|Constraint|Raise|AssertFailure|Datatype"
    r"|Datetime|Shutdown|TooManyConnections|StringData|Sqlclient|Postgres)\w*)$"
)
# The drivers name most of their classes after conditions of the server, which do not end as Python's own do.
_CONDITION = re.compile(
    r"(?!(?:Read|Connect)?Timeout$|TooManyRedirects$|NotFound$|BadRequest$|Forbidden$|Unauthorized$|(?:Object)?DoesNotExist$"
    r"|Empty$|Full$|Http404$|MissingSchema$|InvalidURL$|InvalidHeader$|(?:Base)?ExceptionGroup$)"
    r"[A-Z]\w*(?<!Error)(?<!Exception)(?<!Warning)(?<!Exit)(?<!Interrupt)(?<!Iteration)"
)
_SERVER_TEXT = re.compile(
    r"\bat or near \"|\bviolates \w|\binvalid input (?:syntax|value) for|\bout of range for type\b"
    r"|\bduplicate key value\b"
    r"|\bdate/time field value\b|\bmalformed array literal\b|\bFATAL:|\bdoes not exist$|\bvalue for parameter \""
)
# Blanks are read from the first of them only: begun at each, a megabyte of them would take hours.
_LATER_PART = re.compile(
    r"(?<!\s)\s*(?:\b(?:DETAIL|HINT|CONTEXT|WHERE|QUERY|STATEMENT|LINE \d+):|\bSQL statement \"|\bPL/pgSQL function "
    r"|\[SQL:|\[parameters:)"
)
_USER_TEXT = re.compile(r"Raise(?:Exception|Error)\b|AssertFailure|AssertError\b|P000[14]\b")
_WRAPPED = re.compile(r"\((?:[a-z_]\w*\.){1,4}[A-Za-z]\w*\) ")
_LINE_END = re.compile(r"[\r\n\x0b\x0c\x85\u2028\u2029]")
_NAMED = re.compile(
    r"\b(constraint|relation|column|table|schema|index|type|function|database|extension)"
    r' "([^\W\d][\w$.]{0,62})"(?=[\s,.:;)]|$)'
)
_WORD = re.compile(r"[^\s(),:;]+?(?=\.?(?:[\s(),:;]|$))")


def redact_error_message(message: str, exception_type: str) -> str:
    """Returns the first line of an error's message without values.

    Of a database error only words stay that such errors are made of, and names that stand in double quotes behind words
    such as ``constraint``; DETAIL and the like carry rows and are dropped; what SQL code raised itself becomes ``?``.

    Args:
        message: ``str(exception)``.
        exception_type: its class, with or without module; empty where it is not known.

    Source: https://www.postgresql.org/docs/current/error-message-reporting.html
    """
    text = encodable_text(message[:LONGEST_READ]).strip()
    if not is_database_error(text, exception_type):
        return redact_text(_first_line(text))[:LONGEST]
    if _USER_TEXT.search(exception_type):
        return HIDDEN
    wrapper = _WRAPPED.match(text)
    prefix = wrapper.group() if wrapper else ""
    if _USER_TEXT.search(prefix):
        return prefix + HIDDEN
    return (prefix + _without_values(_first_line(text[len(prefix) :])))[:LONGEST]


def is_database_error(message: str, exception_type: str) -> bool:
    """Tells whether an error comes from a database, by its class or by parts that only such messages have."""
    if _DRIVER.search(exception_type) or _CLASS.search(exception_type) or _CONDITION.fullmatch(exception_type):
        return True
    message = message[:_LONGEST_JUDGED]
    return bool(_LATER_PART.search(message) or _SERVER_TEXT.search(message) or _DRIVER.search(message))


def _first_line(text: str) -> str:
    text = _LINE_END.split(text, maxsplit=1)[0]
    later = _LATER_PART.search(text)
    return text[: later.start()] if later else text


def _without_values(line: str) -> str:
    """Hides everything between quotes, except names, and every word that is not known."""
    names: list[str] = []

    def keep(match: re.Match[str]) -> str:
        names.append(match.group(2))
        return f"{match.group(1)} \x00"

    if line.count('"') % 2 == 0:
        line = _NAMED.sub(keep, line.replace("\x00", ""))
    for quote in ('"', "'"):
        line = _without_quoted(line, quote)
    waiting = iter(names)
    line = _WORD.sub(lambda match: _known(match.group(), waiting), line)
    return re.sub(r"\?(?: \?)+", HIDDEN, line)


def _without_quoted(line: str, quote: str) -> str:
    """Hides from the first to the last quote, because a value can contain quotes; from an unpaired one all."""
    first, last = line.find(quote), line.rfind(quote)
    if first < 0:
        return line
    return line[:first] + HIDDEN + (line[last + 1 :] if line.count(quote) % 2 == 0 else "")


def _known(word: str, names: object) -> str:
    if word == "\x00":
        return f'"{next(names)}"'  # type: ignore[call-overload]  # an iterator
    return word if word.lower() in WORDS else HIDDEN
