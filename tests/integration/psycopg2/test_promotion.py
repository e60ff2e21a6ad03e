"""Slow and failed calls arrive with their recorded ancestors, whatever the head sampler drops; nothing else does."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg2
import psycopg2.errors
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased, TraceIdRatioBased
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags
from psycopg2 import extensions, extras

from otelmon.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.sdk.trace import ReadableSpan

    from tests.integration.psycopg2.conftest import Observation

FAST = Settings(slow_query_threshold_ms=250)
FAST_NS = 250_000_000
OFF = ParentBased(ALWAYS_OFF)
SLOW = "SELECT pg_sleep(0.3)"
KINDS = [
    {},
    {"cursor_factory": extras.DictCursor},
    {"cursor_factory": extras.RealDictCursor},
    {"cursor_factory": extras.NamedTupleCursor},
    {"cursor_factory": extensions.cursor},
]


def lasted(span: ReadableSpan) -> int:
    """Returns the duration of a span in nanoseconds."""
    return int(span.end_time - span.start_time)


def sent(observation: Observation) -> list[ReadableSpan]:
    """Returns the spans that were sent, but for a connection that took long itself, as it may on a busy machine."""
    return [span for span in observation.spans() if not (span.name == "CONNECT" and lasted(span) >= FAST_NS)]


def promoted(observation: Observation) -> list[ReadableSpan]:
    """Returns those spans of them that nobody sampled."""
    return [span for span in sent(observation) if span.attributes.get("otelmon.promoted")]


def test_the_whole_chain_arrives(observe: Callable[..., Observation], postgres_dsn: str) -> None:
    """Every recorded ancestor of a slow call arrives at its own end, sampled by flag; siblings do not."""
    observation = observe(FAST, OFF)
    tracer = observation.tracers.get_tracer("server")
    with closing(psycopg2.connect(postgres_dsn)) as connection, tracer.start_as_current_span("request"):
        cursor = connection.cursor()
        with tracer.start_as_current_span("fast"):
            cursor.execute("SELECT 1")
        with tracer.start_as_current_span("outer"), tracer.start_as_current_span("inner"):
            cursor.execute(SLOW)
    spans = promoted(observation)
    assert [span.name for span in spans] == ["SELECT", "inner", "outer", "request"]
    assert spans == sent(observation)
    assert [child.parent.span_id for child in spans[:-1]] == [parent.context.span_id for parent in spans[1:]]
    assert {span.context.trace_flags.sampled for span in spans} == {True}


def test_ancestors_keep_what_they_were_started_with(observe: Callable[..., Observation], postgres_dsn: str) -> None:
    """Attributes given at the start of a span that the sampler drops are there when it is sent after all."""
    observation = observe(FAST, OFF)
    tracer = observation.tracers.get_tracer("server")
    given = {"http.request.method": "GET", "url.path": "/slow"}
    with closing(psycopg2.connect(postgres_dsn)) as connection, tracer.start_as_current_span("r", attributes=given):
        connection.cursor().execute(SLOW)
    (request,) = [span for span in promoted(observation) if span.name == "r"]
    assert given.items() <= dict(request.attributes).items()


def test_ten_thousand_calls_at_one_percent(observe: Callable[..., Observation], postgres_dsn: str) -> None:
    """Of many calls at 1 % head sampling every slow one arrives with its request, none is false, all are counted."""
    observation = observe(FAST, ParentBased(TraceIdRatioBased(0.01)))
    tracer = observation.tracers.get_tracer("server")
    requests, every, slow = 500, 4, 0
    took = []
    with closing(psycopg2.connect(postgres_dsn)) as connection:
        for number in range(requests):
            with tracer.start_as_current_span("request"):
                for step in range(every):
                    wanted = number % 25 == 0 and step == 2
                    slow += wanted
                    cursor = connection.cursor(**KINDS[number % len(KINDS)])
                    began = time.perf_counter_ns()
                    cursor.execute(SLOW if wanted else "SELECT 1")
                    took.append(time.perf_counter_ns() - began)
    calls = [span for span in sent(observation) if span.attributes.get("otelmon.slow")]
    ids = {span.context.span_id for span in observation.spans()}
    assert sum("pg_sleep" in str(span.attributes.get("db.query.text")) for span in calls) == slow == 20
    # On a busy machine another call may take that long, too; the application's own clock tells.
    assert len(calls) <= sum(each >= FAST_NS for each in took)
    assert [span for span in calls if lasted(span) < FAST_NS] == []
    assert {span.parent.span_id in ids for span in calls} == {True}
    assert len(ids) == len(observation.spans())
    assert observation.count(db_operation_name="SELECT") == requests * every


def test_a_failed_call_arrives(observe: Callable[..., Observation], postgres_dsn: str) -> None:
    """A failed call is promoted like a slow one, and its event leads to it."""
    observation = observe(FAST, OFF)
    tracer = observation.tracers.get_tracer("server")
    with (
        closing(psycopg2.connect(postgres_dsn)) as connection,
        tracer.start_as_current_span("request"),
        pytest.raises(psycopg2.errors.UndefinedTable),
    ):
        connection.cursor().execute("SELECT 1 FROM nothing")
    failed, _ = promoted(observation)
    assert failed.attributes["otelmon.keep"] == "error"
    assert observation.events[0][2:] == (failed.context.trace_id, failed.context.span_id)


def test_a_slow_call_without_a_request(observe: Callable[..., Observation], postgres_dsn: str) -> None:
    """A slow call with no parent at all arrives alone, under the ids that the sampler has refused."""
    observation = observe(FAST, OFF)
    with closing(psycopg2.connect(postgres_dsn)) as connection:
        connection.cursor().execute(SLOW)
    (span,) = sent(observation)
    assert (span.name, span.parent, span.attributes["otelmon.promoted"]) == ("SELECT", None, True)


def test_a_remote_ancestor_stays_absent(observe: Callable[..., Observation], postgres_dsn: str) -> None:
    """The chain ends at this process: a caller that dropped its own span is named as parent and not made up."""
    observation = observe(FAST, OFF)
    tracer = observation.tracers.get_tracer("server")
    remote = NonRecordingSpan(SpanContext(7, 8, is_remote=True, trace_flags=TraceFlags(TraceFlags.DEFAULT)))
    with (
        closing(psycopg2.connect(postgres_dsn)) as connection,
        trace.use_span(remote),
        tracer.start_as_current_span("request"),
    ):
        connection.cursor().execute(SLOW)
    assert [span.name for span in promoted(observation)] == ["SELECT", "request"]
    assert promoted(observation)[1].parent.span_id == 8


def test_sampled_calls_are_not_promoted(observe: Callable[..., Observation], postgres_dsn: str) -> None:
    """Where the sampler takes the request everything arrives once, and nothing says promoted."""
    observation = observe(FAST)
    tracer = observation.tracers.get_tracer("server")
    with closing(psycopg2.connect(postgres_dsn)) as connection, tracer.start_as_current_span("request"):
        connection.cursor().execute(SLOW)
    assert [span.name for span in observation.spans()] == ["CONNECT", "SELECT", "request"]
    assert promoted(observation) == []


def test_switched_off_the_sampler_is_the_users_again(observe: Callable[..., Observation]) -> None:
    """The undoing gives the very same sampler back, however often it is switched on."""
    observation = observe(FAST, OFF)
    assert observation.tracers.sampler is not OFF
    observation.undo()
    assert observation.tracers.sampler is OFF
