"""What redaction leaves of errors and stack traces."""

from __future__ import annotations

import time
import traceback

import psycopg2
import psycopg2.errors
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otelmon.rules.error_redaction import is_database_error, redact_error_message, redact_stacktrace
from tests.untraced import untraced

UNIQUE = "psycopg2.errors.UniqueViolation"


@pytest.mark.parametrize(
    ("message", "exception_type", "expected"),
    [
        pytest.param(
            'duplicate key value violates unique constraint "users_email_key"\nDETAIL:  Key (email)=(a@b.c) exists.',
            UNIQUE,
            'duplicate key value violates unique constraint "users_email_key"',
            id="unique",
        ),
        pytest.param(
            'null value in column "a" of relation "t" violates not-null constraint',
            "NotNullViolation",
            'null value in column "a" of relation "t" violates not-null constraint',
            id="two names",
        ),
        pytest.param(
            'invalid input syntax for type integer: "x"',
            "psycopg2.DataError",
            "invalid input syntax for type integer: ?",
            id="value",
        ),
        pytest.param('column "a b" does not exist', "UndefinedColumn", "column ? does not exist", id="no name"),
        pytest.param("value 5 is out of range", "NumericValueOutOfRange", "value ? is out of range", id="number"),
        pytest.param("user alice is ill", "psycopg2.errors.RaiseException", "?", id="raised"),
        pytest.param("user alice is ill", UNIQUE, "user ? is ?", id="raised with a state of the server's"),
        pytest.param(
            "(psycopg2.errors.RaiseException) alice",
            "sqlalchemy.exc.InternalError",
            "(psycopg2.errors.RaiseException) ?",
            id="raised and wrapped",
        ),
        pytest.param(
            "value too long for type character varying(3)",
            "StringDataRightTruncation",
            "value too long for type character varying(?)",
            id="length",
        ),
        pytest.param("deadlock detected", "DeadlockDetected", "deadlock detected", id="plain"),
        pytest.param(
            "canceling statement due to statement timeout",
            "psycopg2.errors.QueryCanceled",
            "canceling statement due to statement timeout",
            id="timeout",
        ),
        pytest.param("int too large to convert", "OverflowError", "int too large to convert", id="of Python itself"),
        pytest.param("", UNIQUE, "", id="empty"),
        pytest.param("'repos'", "KeyError", "'repos'", id="no database error"),
        pytest.param("first\nsecond", "ValueError", "first", id="first line"),
        pytest.param('no DETAIL: "x"', "ValueError", "no", id="server's message in another type"),
        pytest.param("\ud800", "ValueError", "\ufffd", id="lone surrogate"),
        pytest.param('"a value of b" is out of range', UNIQUE, "? is out of range", id="quoted at the very beginning"),
        pytest.param('relation "users" does not exist "alice', UNIQUE, "relation ?", id="name and an unpaired quote"),
        pytest.param("value 'a' is 'null is null", UNIQUE, "value ?", id="known words behind an unpaired quote"),
        pytest.param("value 'a' is 'b' null", UNIQUE, "value ? null", id="from the first to the last quote"),
        pytest.param(" " * 4092 + "abcdefgh", "ValueError", "abcd", id="no more than 4096 characters are read"),
        pytest.param("no " * 400, "ValueError", ("no " * 400)[:1024], id="no more than 1024 are kept"),
        pytest.param("is " * 400, UNIQUE, ("is " * 400)[:1024], id="nor of a database error"),
    ],
)
def test_message_becomes(message: str, exception_type: str, expected: str) -> None:
    """A message keeps its first line, known words and names."""
    assert redact_error_message(message, exception_type) == expected


@pytest.mark.parametrize(("blanks", "expected"), [(16_384, True), (16_385, False)])
def test_a_long_text_is_judged_by_its_beginning(blanks: int, expected: bool) -> None:
    """What stands behind 16,384 characters is never shown, and says nothing."""
    assert is_database_error("duplicate key value".rjust(blanks), "") == expected


CONDITIONS = [name for name, each in vars(psycopg2.errors).items() if isinstance(each, type)]


@pytest.mark.parametrize("name", [name for name in CONDITIONS if name != "SyntaxError"])
def test_every_class_of_the_driver_is_known(name: str) -> None:
    """The bare name of each of psycopg2's classes, as a span's status has it, is enough to hide values."""
    assert issubclass(getattr(psycopg2.errors, name), (psycopg2.Error, psycopg2.Warning))
    assert "alice" not in redact_error_message("user alice is ill", name)


@pytest.mark.parametrize(
    "exception_type",
    [
        "ValueError",
        "requests.exceptions.ReadTimeout",
        "ReadTimeout",
        "TooManyRedirects",
        "NotFound",
        "app.Refused",
        "KeyError",
    ],
)
def test_other_classes_keep_their_words(exception_type: str) -> None:
    """Errors that come from no database keep their first line."""
    assert redact_error_message("no answer from alice", exception_type) == "no answer from alice"


@given(st.text(max_size=200), st.sampled_from([UNIQUE, "ValueError", ""]))
def test_any_message_can_be_redacted(message: str, exception_type: str) -> None:
    """No message raises; of a database error nothing in quotes stays, and the result is stable."""
    redacted = redact_error_message(f'value "{message}" qzxjqv', exception_type)
    assert redacted.encode() is not None
    if exception_type:
        assert redact_error_message(redacted, UNIQUE) == redact_error_message(
            redact_error_message(redacted, UNIQUE), UNIQUE
        )
    assert exception_type != UNIQUE or "qzxjqv" not in redacted


def _raise(message: str) -> str:
    try:
        raise ValueError(message)
    except ValueError as error:
        return "".join(traceback.format_exception(error))


def test_trace_keeps_frames_and_type() -> None:
    """Headers, frames and the type stay; the source line and the message go."""
    lines = redact_stacktrace(_raise("secret")).splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1].startswith('  File "')
    assert lines[1].endswith(", in _raise")
    assert lines[2:] == ["ValueError"]


@pytest.mark.parametrize(
    "message",
    [
        'a\n  File "secret.py", line 1, in secret',
        'a\n\nTraceback (most recent call last):\n  File "secret.py", line 1, in secret\nsecret: secret',
        "secret\nsecret\n",
        "\n    secret",
    ],
)
def test_message_that_imitates_a_trace_is_gone(message: str) -> None:
    """Lines of a message are not taken for frames."""
    trace = _raise(message)
    assert "secret" not in redact_stacktrace(trace)
    assert "secret" not in redact_stacktrace(trace, message)


def test_known_message_is_gone_even_as_a_chain() -> None:
    """A message that imitates a whole chained trace is gone when it is known."""
    message = (
        "a\n\nDuring handling of the above exception, another exception occurred:\n\n"
        'Traceback (most recent call last):\n  File "secret.py", line 1, in secret\nsecret'
    )
    assert "secret" not in redact_stacktrace(_raise(message), message)


def test_trace_with_markers_and_repeats() -> None:
    """Position markers, source over many lines and repeated frames of newer Pythons go."""
    trace = (
        'Traceback (most recent call last):\n  File "a.py", line 1, in f\n'
        '    g("secret",\n    ~^^^^^^^^^\n      secret)\n      ^^^^^^^\n  [Previous line repeated 990 more times]\n'
        '  File "b.py", line 2, in <lambda>\nRecursionError: secret'
    )
    assert redact_stacktrace(trace) == (
        'Traceback (most recent call last):\n  File "a.py", line 1, in f\n  File "b.py", line 2, in <lambda>\n'
        "RecursionError"
    )


def test_trace_of_a_group_keeps_its_frames() -> None:
    """Of an exception group the frames and the type stay; the exceptions within go."""
    trace = (
        '  + Exception Group Traceback (most recent call last):\n  |   File "a.py", line 1, in f\n  |     secret\n'
        "  | ExceptionGroup: secret (1 sub-exception)\n"
        "  +-+---------------- 1 ----------------\n    | ValueError: secret\n"
    )
    assert redact_stacktrace(trace) == 'Traceback (most recent call last):\n  File "a.py", line 1, in f\nExceptionGroup'


def test_long_trace_is_cut() -> None:
    """What lies behind 65,536 characters is not read."""
    header = "Traceback (most recent call last):"
    assert redact_stacktrace(f"{header}\n    ".ljust(65_533) + "\nError") == f"{header}\nEr"


@pytest.mark.parametrize("text", ["", "secret", "secret: x", "\ud800"])
def test_other_text_is_dropped(text: str) -> None:
    """What is no trace leaves nothing."""
    assert redact_stacktrace(text) == ""


def test_unknown_line_ends_a_trace() -> None:
    """A line that is neither frame nor type becomes a question mark."""
    header = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n'
    assert redact_stacktrace(header + "!secret") == header + "?"


@pytest.mark.parametrize("text", ["\n" * 1_000_000, " " * 1_000_000 + "DETAIL:  x", "a " * 500_000], ids=len)
def test_a_megabyte_is_judged_in_time(text: str) -> None:
    """Blanks are what the parts of an error are looked for behind; so many of them take no longer than other text."""
    with untraced():
        began = time.thread_time()
        is_database_error(text, "")
        taken = time.thread_time() - began
    assert taken < 0.05
