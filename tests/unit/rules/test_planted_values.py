"""No planted value leaves by any road that telemetry takes."""

from __future__ import annotations

import traceback

import pytest

from otelmon.rules.attribute_redaction import redact_attributes
from otelmon.rules.error_redaction import redact_error_message, redact_stacktrace
from otelmon.rules.span_name import redact_span_name
from otelmon.rules.sql_operation import operation_name
from otelmon.rules.sql_redaction import redact_sql
from otelmon.rules.sql_summary import query_summary
from otelmon.rules.text_redaction import redact_text
from otelmon.rules.url_redaction import redact_url
from tests.unit.rules.planted import ERRORS, STATEMENTS, TEXTS, URLS, leaked, split


def test_corpus_is_large_enough() -> None:
    """The corpus plants at least 200 values."""
    texts = (*STATEMENTS, *URLS, *TEXTS, *(message for _, message in ERRORS))
    assert sum(len(split(text)[1]) for text in texts) >= 200


@pytest.mark.parametrize("marked", STATEMENTS)
def test_statement_keeps_no_value(marked: str) -> None:
    """A statement loses its values as text, summary, operation and span name, and stays as it is afterwards."""
    statement, values = split(marked)
    redacted = redact_sql(statement)
    shown = (redacted, query_summary(statement), operation_name(statement), redact_span_name(statement, database=True))
    assert leaked(shown, values) == []
    assert redact_sql(redacted) == redacted


@pytest.mark.parametrize("marked", STATEMENTS)
@pytest.mark.parametrize("key", ["db.query.text", "db.statement"])
def test_attribute_with_statement_keeps_no_value(marked: str, key: str) -> None:
    """Both semantic conventions' keys are redacted, as text and as bytes, and left out on request."""
    statement, values = split(marked)
    assert leaked(redact_attributes({key: statement}, sql_text="redacted"), values) == []
    assert leaked(redact_attributes({key: statement.encode()}, sql_text="redacted"), values) == []
    assert redact_attributes({key: statement}, sql_text="none") == {}


@pytest.mark.parametrize("marked", STATEMENTS)
def test_statement_cut_anywhere_keeps_no_value(marked: str) -> None:
    """A statement that an instrumentor cut short gives nothing away either."""
    statement, values = split(marked)
    for end in range(len(statement)):
        assert leaked(redact_sql(statement[:end]), values) == []


@pytest.mark.parametrize(("exception_type", "marked"), ERRORS)
def test_error_keeps_no_value(exception_type: str, marked: str) -> None:
    """An error's message loses its values, also under the bare name of its class, as attribute and in the trace."""
    message, values = split(marked)
    bare = exception_type.rpartition(".")[2]
    frame = 'Traceback (most recent call last):\n  File "/srv/app.py", line 3, in run\n    do()\n'
    trace = f"{frame}{exception_type}: {message}\n"
    attributes = {"exception.type": exception_type, "exception.message": message, "exception.stacktrace": trace}
    shown = (
        redact_error_message(message, exception_type),
        redact_error_message(message, bare),
        redact_stacktrace(trace),
        redact_stacktrace(trace, message),
        redact_attributes(attributes, sql_text="redacted"),
    )
    assert leaked(shown, values) == []
    assert redact_error_message(shown[0], exception_type) == shown[0]


@pytest.mark.parametrize("marked", URLS)
def test_url_keeps_no_value(marked: str) -> None:
    """A URL loses its values as attribute and within a text, and stays as it is afterwards."""
    url, values = split(marked)
    redacted = redact_url(url)
    assert (
        leaked((redacted, redact_attributes({"url.full": url, "http.target": url}, sql_text="redacted")), values) == []
    )
    assert redact_url(redacted) == redacted


@pytest.mark.parametrize("marked", TEXTS)
def test_text_keeps_no_value(marked: str) -> None:
    """Free text loses its credentials, alone, in an attribute, in a list and in a span's name."""
    text, values = split(marked)
    redacted = redact_text(text)
    attributes = redact_attributes({"app.note": text, "app.notes": [text, text]}, sql_text="redacted")
    assert leaked((redacted, attributes, redact_span_name(text, database=False)), values) == []
    assert redact_text(redacted) == redacted


@pytest.mark.parametrize("marked", TEXTS)
def test_raised_error_keeps_no_value(marked: str) -> None:
    """A real exception, chained and with a message of many lines, leaves its frames and its type only."""
    text, values = split(marked)
    try:
        try:
            raise ValueError(f'{text}\n  File "{text}", line 1, in {text}')
        except ValueError as error:
            raise RuntimeError(f"a\n\nTraceback (most recent call last):\n{text}") from error
    except RuntimeError as error:
        trace = "".join(traceback.format_exception(error))
    redacted = redact_stacktrace(trace)
    assert leaked(redacted, values) == []
    assert redacted.count("test_raised_error_keeps_no_value") == 2
    assert [line for line in redacted.splitlines() if line.endswith("Error")] == ["ValueError", "RuntimeError"]
