"""The decisions that fit into a line each."""

from __future__ import annotations

import pytest

from otelmon.rules.application_code import is_application_file
from otelmon.rules.code_lines import line_of, stack_text
from otelmon.rules.connection_leak import is_overdue, leak_kind
from otelmon.rules.encodable import encodable_text
from otelmon.rules.export_retry import is_retryable, next_wait
from otelmon.rules.keep_reason import keep_reason
from otelmon.rules.operation_logged import is_logged
from otelmon.rules.slow_operation import is_slow

MS = 1_000_000
REASONS = ("error", "throttled", "slow_db", "slow_http", "leak")


@pytest.mark.parametrize(
    ("duration_ns", "expected"),
    [(500 * MS - 1, False), (500 * MS, True), (500 * MS + 1, True), (0, False), (-1, False)],
)
def test_slow_from_the_threshold_on(duration_ns: int, expected: bool) -> None:
    """A duration that reaches the threshold is slow, to the nanosecond."""
    assert is_slow(duration_ns, 500) is expected


@pytest.mark.parametrize("first", range(len(REASONS)))
def test_first_reason_wins(first: int) -> None:
    """Of several reasons the first in the order of the design is given."""
    assert keep_reason(**{name: index >= first for index, name in enumerate(REASONS)}) == REASONS[first]


def test_ordinary_span_has_no_reason() -> None:
    """Without a reason there is none."""
    assert keep_reason(**dict.fromkeys(REASONS, False)) is None


@pytest.mark.parametrize(("age_ns", "expected"), [(60 * MS - 1, False), (60 * MS, True), (0, False), (-1, False)])
def test_overdue_from_the_given_age_on(age_ns: int, expected: bool) -> None:
    """A checkout is overdue when it has not been needed for as long as allowed, to the nanosecond."""
    assert is_overdue(5, 5 + age_ns, 60) is expected


@pytest.mark.parametrize(
    ("choice", "sampled", "expected"),
    [
        ("off", False, False),
        ("off", True, False),
        ("sampled", False, False),
        ("sampled", True, True),
        ("all", False, True),
        ("all", True, True),
    ],
)
def test_operations_that_are_logged(choice, sampled: bool, expected: bool) -> None:
    """Off logs none, all logs each, sampled those whose trace is sampled."""
    assert is_logged(choice, sampled=sampled) is expected


@pytest.mark.parametrize(
    ("use", "kind"),
    [
        ("idle", "idle"),
        ("in_transaction", "in_transaction"),
        ("closed", "closed"),
        ("abandoned", "abandoned"),
        (None, "unknown"),
        ("busy", None),
    ],
)
def test_kinds_of_leaks(use, kind) -> None:
    """While a statement runs there is no leak; of the rest, what the connection does is its kind."""
    assert leak_kind(use) == kind


def test_lines_of_instructions() -> None:
    """An instruction has its line; one that is none has that of the definition."""
    code = compile("a = 1\nb = 2\n", "/srv/app.py", "exec")
    last = max(start for start, _, line in code.co_lines() if line == 2)
    first = min(start for start, _, line in code.co_lines() if line == 2)
    assert (line_of(code, first), line_of(code, last)) == (2, 2)
    assert line_of(code, -5) == code.co_firstlineno
    assert stack_text(((code, last), (code, -5))) == (
        '  File "/srv/app.py", line 1, in <module>\n  File "/srv/app.py", line 2, in <module>'
    )


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/srv/app/views.py", True),
        ("views.py", True),
        ("/usr/lib/python3/json/decoder.py", False),
        ("/venv/site-packages/flask/app.py", False),
        ("<frozen importlib._bootstrap>", False),
        ("<string>", False),
        ("", False),
    ],
)
def test_application_files(path: str, expected: bool) -> None:
    """Files of libraries and code without a file are not the application's."""
    assert is_application_file(path, ("/usr/lib/python3/", "/venv/site-packages/")) is expected


@pytest.mark.parametrize(
    ("text", "expected"), [("abc", "abc"), ("\u00e4\U0001f600", "\u00e4\U0001f600"), ("a\udc80b", "a\ufffdb")]
)
def test_encodable_text(text: str, expected: str) -> None:
    """Only lone surrogates are replaced."""
    assert encodable_text(text) == expected


def test_retryable_statuses() -> None:
    """Only the statuses that the protocol names are tried again, of all that there can be."""
    assert [status for status in range(100, 600) if is_retryable(status)] == [429, 502, 503, 504]


@pytest.mark.parametrize(
    ("attempt", "retry_after", "remaining", "expected"),
    [
        (1, None, 10, 0.0),
        (2, None, 10, 1.0),
        (3, None, 10, 2.0),
        (4, None, 10, 4.0),
        (5, None, 10, 8.0),
        (6, None, 10, 8.0),
        (9, None, 10, 8.0),
        (1, None, 0.0, None),
        (1, None, 0.05, 0.0),
        (1, 3, 10, 3),
        (3, 1, 10, 2.0),
        (1, 3600, 10, None),
        (2, None, 1.0, None),
    ],
)
def test_next_wait(attempt: int, retry_after: float | None, remaining: float, expected: float | None) -> None:
    """Waits grow to a bound, heed the receiver, and never exceed the time that is left."""
    assert next_wait(attempt, retry_after, remaining) == expected
