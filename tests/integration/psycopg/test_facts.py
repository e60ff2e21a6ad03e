"""What a call of psycopg tells of itself, and what it leaves alone."""

from __future__ import annotations

import asyncio
import inspect
import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from opentelemetry import trace
from opentelemetry.instrumentation.utils import suppress_instrumentation

from otelmon.hooks.calling_line import line_of_thread
from otelmon.hooks.psycopg import hook
from otelmon.settings import Settings
from tests.integration.observing import observing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.integration.psycopg2.conftest import Observation

FAST = Settings(slow_query_threshold_ms=250)


@pytest.fixture
def connection(observation: Observation, postgres_dsn: str) -> Iterator[psycopg.Connection[Any]]:
    """Yields an observed connection."""
    del observation
    with psycopg.connect(postgres_dsn) as made:
        yield made


def test_a_span_says_what_was_asked_and_what_came_back(
    connection: psycopg.Connection[Any], observation: Observation
) -> None:
    """Summary, collection, redacted text, returned rows and the server's process are on the span."""
    connection.execute("SELECT name FROM items WHERE name <> 'secret-value' AND id < %s", (3,))
    told = observation.last("SELECT items")
    assert told["db.query.text"] == "SELECT name FROM items WHERE name <> ? AND id < %s"
    assert (told["db.query.summary"], told["db.collection.name"]) == ("SELECT items", "items")
    assert told["db.response.returned_rows"] == 2
    assert told["otelmon.db.backend_pid"] == connection.info.backend_pid
    assert not {"code.line.number", "otelmon.keep", "error.type"} & set(told)


def test_rows_are_those_that_came_back(connection: psycopg.Connection[Any], observation: Observation) -> None:
    """Of a stream those the application took, of a FETCH its page; an UPDATE returns none."""
    cursor = connection.cursor()
    rows = cursor.stream("SELECT id FROM items")
    next(rows), next(rows)
    rows.close()
    assert observation.last("SELECT items")["db.response.returned_rows"] == 2
    connection.rollback()
    with connection.cursor("c") as named:
        named.execute("SELECT id FROM items")
        named.fetchmany(2)
    assert observation.last("FETCH")["db.response.returned_rows"] == 2
    connection.execute("UPDATE items SET price = 0")
    assert "db.response.returned_rows" not in observation.last("UPDATE items")
    cursor.executemany("INSERT INTO items VALUES (%s, NULL, 0)", [(40,), (41,)])
    assert observation.last("INSERT items")["db.operation.batch.size"] == 2


def test_a_failed_call_tells_its_sqlstate(connection: psycopg.Connection[Any], observation: Observation) -> None:
    """SQLSTATE and calling line of a failure are in span and event, without the row's values."""
    line = inspect.currentframe().f_lineno + 2
    with pytest.raises(psycopg.errors.UniqueViolation, match="secret-value"):
        connection.execute("INSERT INTO items VALUES (10, 'secret-value', 0), (11, 'secret-value', 1)")
    told = observation.last("INSERT items")
    assert (told["error.type"], told["db.response.status_code"], told["otelmon.keep"]) == ("23505", "23505", "error")
    assert (told["code.file.path"], told["code.line.number"]) == (__file__, line)
    (event,) = observation.events
    assert (event[0], event[1]["exception.type"]) == ("otelmon.db.error", "UniqueViolation")
    assert "secret-value" not in str(observation.events) + str(told)


def test_a_failed_call_of_a_task_tells_its_line(observation: Observation, postgres_dsn: str) -> None:
    """The line is the one that awaits, in the trace of the task."""
    tracer = observation.tracers.get_tracer("t")

    async def failing(connection: Any) -> None:
        await connection.execute("SELECT nothing FROM items")

    async def run(name: str) -> None:
        async with await psycopg.AsyncConnection.connect(postgres_dsn) as connection:
            with tracer.start_as_current_span(name), pytest.raises(psycopg.errors.UndefinedColumn):
                await failing(connection)
            await connection.rollback()

    async def both() -> None:
        await asyncio.gather(run("one"), run("two"))

    asyncio.run(both())
    spans = {span.name: span for span in observation.spans()}
    calls = [span for span in observation.spans() if span.name == "SELECT items"]
    assert {call.parent.span_id for call in calls} == {spans[name].context.span_id for name in ("one", "two")}
    assert {call.attributes["code.function.name"].rpartition(".")[2] for call in calls} == {"failing"}
    assert {call.attributes["code.line.number"] for call in calls} == {failing.__code__.co_firstlineno + 1}


def test_a_task_that_waits_is_told_of_in_its_trace(observe: Callable[..., Observation], postgres_dsn: str) -> None:
    """While it runs the call has the trace of its task; the line that the thread is in is another's and not told."""
    observation = observe(settings=FAST)
    tracer = observation.tracers.get_tracer("t")
    recorder: Any = observation.registry.calls

    async def query() -> int:
        async with await psycopg.AsyncConnection.connect(postgres_dsn) as connection:
            with tracer.start_as_current_span("request") as span:
                await connection.execute("SELECT pg_sleep(3)")
                return span.get_span_context().trace_id

    async def run() -> tuple[int, list[Any]]:
        task = asyncio.create_task(query())
        running: list[Any] = []
        while not running and not task.done():
            await asyncio.sleep(0.05)
            running = list(recorder.in_flight.slow(time.perf_counter_ns(), 250, line_of_thread))
        return await task, running

    trace_id, (running,) = asyncio.run(run())
    assert (running.trace_id, running.attributes["db.operation.name"]) == (trace_id, "SELECT")
    assert running.attributes.get("code.function.name", "query").endswith("query")


def test_a_stream_is_timed_while_rows_are_waited_for(observe: Callable[..., Observation], postgres_dsn: str) -> None:
    """What the application does with its rows is no slow query."""
    observation = observe(settings=FAST)
    with psycopg.connect(postgres_dsn) as connection:
        for _ in connection.cursor().stream("SELECT id FROM items"):
            time.sleep(0.3)
    assert [name for name, *_ in observation.events] == []


def test_what_is_suppressed_is_left_alone(connection: psycopg.Connection[Any], observation: Observation) -> None:
    """No call is observed where instrumentation is suppressed."""
    with suppress_instrumentation():
        connection.execute("SELECT 1").fetchone()
        list(connection.cursor().stream("SELECT 1"))
        with connection.cursor().copy("COPY items TO STDOUT") as copy:
            list(copy)
        with connection.cursor("c") as cursor:
            cursor.execute("SELECT 1")
            assert list(cursor) == [(1,)]
    assert observation.names() == []


def test_a_call_is_a_leaf(connection: psycopg.Connection[Any], observation: Observation) -> None:
    """The call's span is a child of the current one and never current itself."""
    with observation.tracers.get_tracer("t").start_as_current_span("request") as parent:
        connection.execute("SELECT 1")
        assert trace.get_current_span() is parent
    spans = {span.name: span for span in observation.spans()}
    assert spans["SELECT"].parent.span_id == spans["request"].context.span_id


def test_connections_made_before_are_observed(observe: Callable[..., Observation], postgres_dsn: str) -> None:
    """The classes themselves are changed: cursors and connections that exist already are observed from now on."""
    with psycopg.connect(postgres_dsn) as connection:
        cursor = connection.cursor()
        observation = observe()
        cursor.execute("SELECT id FROM items")
        assert observation.names() == ["SELECT items"]


def test_the_very_same_functions_come_back() -> None:
    """After the undoing psycopg is as it was."""
    owners = (
        psycopg.Cursor,
        psycopg.AsyncCursor,
        psycopg.Connection,
        psycopg.AsyncConnection,
        psycopg.Pipeline,
        psycopg,
    )
    before = [dict(vars(owner)) for owner in owners]
    with observing([hook]):
        assert all(dict(vars(owner)) != told for owner, told in zip(owners, before, strict=True))
    assert [dict(vars(owner)) for owner in owners] == before
