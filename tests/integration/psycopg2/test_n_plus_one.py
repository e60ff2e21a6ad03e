"""What otelmon says of statements that repeat within one request, on requests of which it is known what they are."""

from __future__ import annotations

from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased

from otelmon.hooks.asyncpg import hook as asyncpg_hook
from tests.integration.psycopg2.n_plus_one_cases import CASES, ONE, TIMES, Case, loop
from tests.integration.psycopg2.n_plus_one_table import PAGE, page

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.psycopg2.conftest import Observation

EVENT, COUNTER = "otelmon.n_plus_one", "otelmon.db.client.n_plus_one"


def told(observation: Observation) -> list[dict[str, Any]]:
    """Returns the attributes of the events."""
    return [attributes for name, attributes, _, _ in observation.events if name == EVENT]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_corpus(case: Case, postgres_dsn: str, observation: Observation) -> None:
    """Each request gets the word that the page says, in span, event and counter alike."""
    undo = asyncpg_hook.install(observation.registry)
    tracer = observation.tracers.get_tracer("server")
    try:
        with tracer.start_as_current_span("request"):
            case.run(postgres_dsn, tracer)
    finally:
        undo()
    kinds = {each["otelmon.n_plus_one.kind"] for each in told(observation)}
    assert kinds == ({case.expected} if case.expected else set())
    assert sum(point.value for point in observation.points(COUNTER)) == len(told(observation))
    assert observation.last("request").get("otelmon.n_plus_one.kind") == case.expected


def test_the_page_is_current() -> None:
    """docs/n_plus_one.md is what the requests give."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_facts_of_a_finding(postgres_dsn: str, observation: Observation) -> None:
    """Span and event say how often, which statement and which line; the event is once for all executions."""
    tracer = observation.tracers.get_tracer("server")
    with closing(psycopg2.connect(postgres_dsn)) as connection, tracer.start_as_current_span("request") as request:
        loop(connection.cursor(), range(120))
        assert not told(observation)
    (event,) = told(observation)
    assert (event["otelmon.n_plus_one.count"], event["db.query.summary"]) == (120, "SELECT items")
    assert event["code.function.name"].endswith("loop")
    marks = observation.last("request")
    assert marks["otelmon.n_plus_one.count"] == 120
    assert marks["otelmon.n_plus_one.fingerprint"] == event["otelmon.db.query.fingerprint"]
    assert marks["otelmon.n_plus_one.line"] == f"{event['code.file.path']}:{event['code.line.number']}"
    (trace_id, span_id) = observation.events[-1][2:]
    assert (trace_id, span_id) == (request.get_span_context().trace_id, request.get_span_context().span_id)


def test_a_request_that_does_not_end_is_told_of(postgres_dsn: str, observation: Observation) -> None:
    """The thousandth execution is told of while the request goes on, and the end tells nothing twice."""
    tracer = observation.tracers.get_tracer("server")
    with closing(psycopg2.connect(postgres_dsn)) as connection, tracer.start_as_current_span("job"):
        loop(connection.cursor(), range(1000))
        assert [each["otelmon.n_plus_one.count"] for each in told(observation)] == [1000]
        loop(connection.cursor(), range(10))
    assert len(told(observation)) == 1
    assert observation.last("job")["otelmon.n_plus_one.count"] == 1010


def test_unsampled_requests_are_looked_at(observe: Callable[..., Observation], postgres_dsn: str) -> None:
    """What the head sampler drops is told of in events and counter."""
    observation = observe(None, ParentBased(ALWAYS_OFF))
    tracer = observation.tracers.get_tracer("server")
    with closing(psycopg2.connect(postgres_dsn)) as connection, tracer.start_as_current_span("request"):
        loop(connection.cursor(), range(TIMES))
    assert len(told(observation)) == 1


def test_without_a_request_nothing_is_said(postgres_dsn: str, observation: Observation) -> None:
    """Calls outside of any span have nothing in common."""
    with closing(psycopg2.connect(postgres_dsn)) as connection:
        loop(connection.cursor(), range(TIMES))
    assert not told(observation)


def test_retries_are_numbered(postgres_dsn: str, observation: Observation) -> None:
    """A statement says how many attempts of it had failed before, until one succeeds; other errors are no reason."""
    statement = "SELECT fail(%s)"
    body = "BEGIN IF state <> '' THEN RAISE EXCEPTION 'x' USING ERRCODE = state; END IF; RETURN 1; END"
    tracer = observation.tracers.get_tracer("server")
    with closing(psycopg2.connect(postgres_dsn)) as connection, tracer.start_as_current_span("request"):
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(f"CREATE OR REPLACE FUNCTION fail(state text) RETURNS int LANGUAGE plpgsql AS $${body}$$")
        for state in ("40001", "40P01", "", "", "23505", ""):
            with suppress(psycopg2.Error):
                cursor.execute(statement, (state,))
        with tracer.start_as_current_span("elsewhere"), suppress(psycopg2.Error):
            cursor.execute(statement, ("40001",))
        cursor.execute(statement, ("",))
    numbers = [span.attributes.get("otelmon.db.retry") for span in observation.spans() if span.name == "SELECT"]
    assert numbers == [None, 1, 2, None, None, None, None, None]


def test_values_do_not_outlive_the_call(postgres_dsn: str, observation: Observation) -> None:
    """Once a call is over nothing of ours refers to its values, and no digest is in any attribute."""
    tracer = observation.tracers.get_tracer("server")
    with closing(psycopg2.connect(postgres_dsn)) as connection, tracer.start_as_current_span("request"):
        loop(connection.cursor(), ["planted-value"] * TIMES, "SELECT id FROM items WHERE name = %s")
    assert len(told(observation)) == 1
    assert "planted-value" not in str(observation.events) + str([span.attributes for span in observation.spans()])


def test_the_end_of_the_span_stays_the_spans_own(postgres_dsn: str, observation: Observation) -> None:
    """An explicit end of the request's span passes its time on, and leaves the span as it was."""
    span = observation.tracers.get_tracer("server").start_span("request")
    with closing(psycopg2.connect(postgres_dsn)) as connection, trace.use_span(span):
        cursor = connection.cursor()
        for number in range(TIMES):
            cursor.execute(ONE, (number,))
    assert "end" in vars(span)
    span.end(end_time=span.start_time + 5)
    assert "end" not in vars(span)
    assert span.end_time == span.start_time + 5
    assert len(told(observation)) == 1
