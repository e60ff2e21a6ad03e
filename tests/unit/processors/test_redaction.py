"""Details of the redacted copy: statements in bytes, facts that are there already, descriptions of either form."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import Status, StatusCode

from otelmon.processors.marked_span import MarkedSpan
from otelmon.processors.redaction import redacted_span


def attributes_after(**attributes: object) -> dict[str, object]:
    """Returns the attributes of the copy of a database span."""
    span = ReadableSpan("x", attributes={"db.system": "postgresql", **attributes})
    return dict(redacted_span(span, {}, "redacted").attributes)


@pytest.mark.parametrize("statement", ["select 4711", b"select 4711"], ids=["text", "bytes"])
def test_operation_and_summary_come_from_the_statement(statement: object) -> None:
    """Instrumentors that give neither get both, also where psycopg2 hands over bytes."""
    seen = attributes_after(**{"db.statement": statement})
    assert (seen["db.operation.name"], seen["db.query.summary"]) == ("SELECT", "SELECT")
    assert "4711" not in str(seen)


def test_facts_that_are_there_stay() -> None:
    """An instrumentor's own operation and summary are not replaced."""
    given = {"db.statement": "select 1", "db.operation.name": "FIND", "db.query.summary": "FIND x"}
    seen = attributes_after(**given)
    assert (seen["db.operation.name"], seen["db.query.summary"]) == ("FIND", "FIND x")


def test_database_span_without_a_statement_gets_nothing_invented() -> None:
    """Unknown is absent."""
    assert set(attributes_after()) == {"db.system"}


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("UniqueViolation: duplicate\nDETAIL: Key (e)=(planted)", "UniqueViolation: "),
        ("refused (planted: x)\nDETAIL: planted", "refused"),
        (None, ""),
    ],
    ids=["type and message", "no type", "none"],
)
def test_status_description(description: str | None, expected: str) -> None:
    """The exception's type stays, the values of its message do not."""
    span = ReadableSpan("x", status=Status(StatusCode.ERROR, description))
    seen = redacted_span(span, {}, "redacted").status.description or ""
    assert seen.startswith(expected)
    assert "DETAIL" not in seen


REFUSED = "InvalidPasswordError: password authentication failed for user planted"


@pytest.mark.parametrize("description", [REFUSED, "planted is not allowed"], ids=["type and message", "no type"])
def test_status_of_a_database_call_is_a_drivers(description: str) -> None:
    """Whatever ended a database call is read as its driver's, though the class alone tells of no database."""
    span = ReadableSpan("x", attributes={"db.system": "postgresql"}, status=Status(StatusCode.ERROR, description))
    assert "planted" not in str(redacted_span(span, {}, "redacted").status.description)


@pytest.mark.parametrize(
    ("known", "hides"), [("asyncpg.exceptions.InvalidPasswordError", True), ("shop.InvalidPasswordError", False)]
)
def test_status_of_the_application_is_read_by_the_class_of_its_event(known: str, hides: bool) -> None:
    """The event of an exception names the class whole, whose bare name stands in the description."""
    event = Event("exception", {"exception.type": known})
    span = ReadableSpan("page", events=[event], status=Status(StatusCode.ERROR, REFUSED))
    seen = str(redacted_span(span, {}, "redacted").status.description)
    assert seen.startswith("InvalidPasswordError: password authentication failed for user")
    assert ("planted" not in seen) is hides


def test_half_made_marked_span_has_no_fields() -> None:
    """A copy that is inspected before it is whole does not recurse for ever."""
    bare = MarkedSpan.__new__(MarkedSpan)
    with pytest.raises(AttributeError):
        _ = bare._span
    bare._account = None


def test_marks_can_be_read() -> None:
    """The marks of a span are its own attribute too."""
    assert MarkedSpan(ReadableSpan("x"), {"otelmon.keep": "error"}, "redacted", None).marks == {"otelmon.keep": "error"}
