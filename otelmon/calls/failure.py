"""What is known of the error that ended a call."""

from __future__ import annotations

import re
from typing import NamedTuple

from otelmon import guard
from otelmon.rules.error_redaction import redact_error_message

_SQLSTATE = re.compile(r"[0-9A-Z]{5}")
_MESSAGE = guard.site("calls.error_message")
# psycopg 3 and asyncpg name it sqlstate, psycopg2 pgcode.
_FIELDS = ("sqlstate", "pgcode")
_LONGEST_TYPE = 128


class Failure(NamedTuple):
    """Holds SQLSTATE (empty where the server gave none), the exception's class and redacted message, and itself."""

    sqlstate: str
    exception_type: str
    message: str
    error: BaseException | None = None

    @property
    def error_type(self) -> str:
        """Returns the value of ``error.type``: SQLSTATE, else the exception's class.

        Source: https://opentelemetry.io/docs/specs/semconv/database/database-spans/
        """
        return self.sqlstate or self.exception_type

    @property
    def description(self) -> str:
        """Returns the description of the span's status."""
        return f"{self.exception_type}: {self.message}" if self.message else self.exception_type


def failure_of(error: BaseException) -> Failure:
    """Returns the facts of an error; its message is read behind the guard, for an application may have written it."""
    kind = type(error)
    name = kind.__qualname__[:_LONGEST_TYPE]
    # What is raised inside a call is read like a driver's error, for an adapter's message may quote the value as well.
    message = guard.call(_MESSAGE, _message, error, f"psycopg.{name}") or ""
    return Failure(_sqlstate(error), name, message, error)


def _message(error: BaseException, exception_type: str) -> str:
    return redact_error_message(str(error), exception_type)


def _sqlstate(error: BaseException) -> str:
    for name in _FIELDS:
        value = getattr(error, name, None)
        if isinstance(value, str) and _SQLSTATE.fullmatch(value):
            return value
    return ""
