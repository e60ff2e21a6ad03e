"""What a call tells of itself: in its span, in the metrics of every call, in the events of slow and failed ones."""

from __future__ import annotations

import inspect
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg2
import psycopg2.errors
import pytest
from opentelemetry import trace
from opentelemetry.instrumentation.utils import suppress_instrumentation
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, StatusCode, TraceFlags
from psycopg2 import extras

from otelmon.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.integration.psycopg2.conftest import Observation

FAST = Settings(slow_query_threshold_ms=250)
SLOW = "SELECT pg_sleep(0.3), 'secret-value'"


@pytest.fixture
def connection(observation: Observation, postgres_dsn: str) -> Iterator[psycopg2.extensions.connection]:
    """Yields an observed connection."""
    del observation
    with closing(psycopg2.connect(postgres_dsn)) as made:
        yield made


def run(dsn: str, statement: str) -> None:
    """Runs one statement on a connection of its own."""
    with closing(psycopg2.connect(dsn)) as made, made.cursor() as cursor:
        cursor.execute(statement)


def test_a_span_says_what_was_asked_and_what_came_back(
    connection: psycopg2.extensions.connection, observation: Observation
) -> None:
    """Kind, operation, summary, collection, redacted text, returned rows and the server's process are on the span."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM items WHERE name <> 'secret-value' AND id < %s", (3,))
    span = observation.spans()[-1]
    assert (span.name, span.kind) == ("SELECT items", SpanKind.CLIENT)
    told = observation.last("SELECT items")
    assert told["db.query.text"] == "SELECT name FROM items WHERE name <> ? AND id < %s"
    assert told["db.query.summary"] == "SELECT items"
    assert (told["db.operation.name"], told["db.collection.name"]) == ("SELECT", "items")
    assert told["db.response.returned_rows"] == 2
    assert told["otelmon.db.backend_pid"] == connection.info.backend_pid
    assert not {"code.line.number", "otelmon.keep", "error.type"} & set(told)


def test_affected_rows_are_not_returned_rows(
    connection: psycopg2.extensions.connection, observation: Observation
) -> None:
    """An UPDATE without RETURNING has no rows to return."""
    connection.cursor().execute("UPDATE items SET price = 0")
    assert "db.response.returned_rows" not in observation.last("UPDATE items")


def test_a_batch_tells_its_size(connection: psycopg2.extensions.connection, observation: Observation) -> None:
    """The parameter sets of executemany are counted, where their number is known."""
    cursor = connection.cursor()
    cursor.executemany("INSERT INTO items VALUES (%s, NULL, 0)", [(40,), (41,)])
    assert observation.last("INSERT items")["db.operation.batch.size"] == 2
    cursor.executemany("INSERT INTO items VALUES (%s, NULL, 0)", iter([(42,), (43,)]))
    assert "db.operation.batch.size" not in observation.last("INSERT items")


def test_text_can_be_left_out(observe: Callable[..., Observation], postgres_dsn: str) -> None:
    """With OTELMON_SQL_TEXT=none no statement is shown, and its summary still is."""
    observation = observe(Settings(sql_text="none"))
    run(postgres_dsn, "SELECT name FROM items")
    told = observation.last("SELECT items")
    assert "db.query.text" not in told
    assert told["db.query.summary"] == "SELECT items"


def test_a_failed_call_tells_its_sqlstate(connection: psycopg2.extensions.connection, observation: Observation) -> None:
    """SQLSTATE, class and calling line of a failure are in span, histogram and event, without the row's values."""
    line = inspect.currentframe().f_lineno + 2
    with pytest.raises(psycopg2.errors.UniqueViolation, match="secret-value"):
        connection.cursor().execute("INSERT INTO items VALUES (10, 'secret-value', 0), (11, 'secret-value', 1)")
    span, told = observation.spans()[-1], observation.last("INSERT items")
    assert (told["error.type"], told["db.response.status_code"]) == ("23505", "23505")
    assert told["otelmon.keep"] == "error"
    assert (told["code.file.path"], told["code.line.number"]) == (__file__, line)
    assert told["code.function.name"].endswith("test_a_failed_call_tells_its_sqlstate")
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description.startswith("UniqueViolation: duplicate key value violates unique constraint")
    assert observation.count(error_type="23505") == 1
    (name, attributes, trace_id, span_id), *more = observation.events
    assert (name, more) == ("otelmon.db.error", [])
    assert (trace_id, span_id) == (span.context.trace_id, span.context.span_id)
    assert attributes["exception.type"] == "UniqueViolation"
    assert attributes["code.line.number"] == line
    assert "secret-value" not in str(observation.events) + str(span.status.description) + str(told)


def test_a_slow_call_is_marked_counted_and_told(observe: Callable[..., Observation], postgres_dsn: str) -> None:
    """At the threshold a call gets the marks, the counter's count and one event with its duration."""
    observation = observe(FAST)
    with closing(psycopg2.connect(postgres_dsn)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.execute(SLOW)
    told = observation.last("SELECT")
    assert (told["otelmon.keep"], told["otelmon.slow"], told["otelmon.slow_threshold_ms"]) == ("slow_db", True, 250)
    assert told["code.file.path"] == __file__
    (point,) = observation.points("otelmon.db.client.slow_operations")
    assert (point.value, dict(point.attributes)) == (1, {"db.operation.name": "SELECT", "db.namespace": "contributors"})
    assert [name for name, *_ in observation.events] == ["otelmon.db.slow"]
    assert observation.events[0][1]["otelmon.db.duration"] >= 0.3
    assert "secret-value" not in str(observation.events) + str(told)


def test_the_histogram_has_the_bounds_of_the_convention(observation: Observation, postgres_dsn: str) -> None:
    """Durations are seconds in buckets that tell 5 ms from 500."""
    run(postgres_dsn, "SELECT 1")
    point = observation.points("db.client.operation.duration")[0]
    assert tuple(point.explicit_bounds) == (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0)
    assert 0 < point.sum < 5


def test_the_route_of_the_request_is_told(connection: psycopg2.extensions.connection, observation: Observation) -> None:
    """Below a server's span a call carries the route of the request."""
    tracer = observation.tracers.get_tracer("server")
    with tracer.start_as_current_span("GET", kind=SpanKind.SERVER, attributes={"http.route": "/x/<id>"}) as server:
        connection.cursor().execute("SELECT 1")
    span = next(each for each in observation.spans() if each.name == "SELECT")
    assert span.attributes["http.route"] == "/x/<id>"
    assert span.parent == server.get_span_context()


def test_unsampled_calls_are_counted(observe: Callable[..., Observation], postgres_dsn: str) -> None:
    """Below an unsampled request an ordinary call is no span, but every call is counted; a notable one is an event."""
    observation = observe(FAST, ParentBased(ALWAYS_OFF))
    tracer = observation.tracers.get_tracer("server")
    with closing(psycopg2.connect(postgres_dsn)) as connection, tracer.start_as_current_span("request") as request:
        cursor = connection.cursor()
        for _ in range(20):
            cursor.execute("SELECT name FROM items")
        cursor.execute(SLOW)
    slow, promoted = observation.spans()
    assert (slow.name, promoted.name) == ("SELECT", "request")
    assert observation.count(db_collection_name="items") == 20
    assert slow.context.trace_id == request.get_span_context().trace_id
    context = slow.context
    assert [(name, trace_id, span_id) for name, _, trace_id, span_id in observation.events] == [
        ("otelmon.db.slow", context.trace_id, context.span_id),
        ("otelmon.n_plus_one", context.trace_id, promoted.context.span_id),
    ]


@pytest.mark.parametrize(("flags", "spans"), [(TraceFlags.SAMPLED, ["SELECT"]), (TraceFlags.DEFAULT, [])])
def test_a_remote_parent_is_followed(
    connection: psycopg2.extensions.connection, observation: Observation, flags: int, spans: list[str]
) -> None:
    """With a parent in another process the provider's sampler decides."""
    parent = NonRecordingSpan(SpanContext(1, 2, is_remote=True, trace_flags=TraceFlags(flags)))
    with trace.use_span(parent):
        connection.cursor().execute("SELECT 1")
    assert observation.names() == spans


def test_suppressed_calls_leave_nothing(connection: psycopg2.extensions.connection, observation: Observation) -> None:
    """Where instrumentation is suppressed there is neither span nor count, and afterwards there are both again."""
    with suppress_instrumentation():
        connection.cursor().execute("SELECT 1")
    assert (observation.names(), observation.count(db_operation_name="SELECT")) == ([], 0)
    connection.cursor().execute("SELECT 1")
    assert (observation.names(), observation.count(db_operation_name="SELECT")) == (["SELECT"], 1)


def test_label_sets_are_bounded(observe: Callable[..., Observation], postgres_dsn: str) -> None:
    """Beyond OTELMON_LABEL_LIMIT calls share one set, and what they lost is counted."""
    observation = observe(Settings(label_limit=3))
    with closing(psycopg2.connect(postgres_dsn)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for number in range(10):
                cursor.execute(f"SELECT 1 FROM pg_class c{number}, pg_class AS t WHERE false")
                cursor.execute(f"DROP TABLE IF EXISTS t{number}")
    points = observation.points("db.client.operation.duration")
    assert len(points) == 4
    assert sum(point.count for point in points) == 21
    assert observation.registry.overflow()["db.client.operation.duration"] > 0


def test_a_connect_that_fails_is_told(observation: Observation) -> None:
    """A connection that does not come about gives a failed CONNECT with the address and neither user nor password."""
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect("host=127.0.0.1 port=1 dbname=shop user=planted-user password=planted-password")
    (span,) = observation.spans()
    told = dict(span.attributes)
    assert (told["server.address"], told["server.port"], told["db.namespace"]) == ("127.0.0.1", 1, "shop")
    assert told["error.type"] == "OperationalError"
    assert "planted" not in str(told) + str(span.status.description) + str(observation.events)


def test_classes_are_made_once(observation: Observation, postgres_dsn: str) -> None:
    """Connections and cursors of one factory share one class, which says the name of the one it stands for."""
    del observation
    with closing(psycopg2.connect(postgres_dsn)) as one, closing(psycopg2.connect(postgres_dsn)) as other:
        kinds = {type(each.cursor(cursor_factory=extras.RealDictCursor)) for each in (one, other)}
        assert type(one) is type(other)
        assert (type(one).__module__, type(one).__name__) == ("psycopg2.extensions", "connection")
    (kind,) = kinds
    assert (kind.__name__, kind.__bases__[-1]) == ("RealDictCursor", extras.RealDictCursor)


def test_undoing_puts_the_very_objects_back(observe: Callable[..., Observation], postgres_dsn: str) -> None:
    """Afterwards every patched name is the same object as before; connections made meanwhile work on, unobserved."""
    from opentelemetry.instrumentation import psycopg2 as upstream

    def patched() -> tuple[object, ...]:
        return psycopg2._connect, psycopg2.connect, upstream.DatabaseApiIntegration, upstream.CursorTracer

    before = patched()
    for _ in range(3):
        observation = observe()
        assert [one is other for one, other in zip(patched(), before, strict=True)] == [False, True, False, False]
        with closing(psycopg2.connect(postgres_dsn)) as connection:
            cursor = connection.cursor()
            observation.undo()
            assert [one is other for one, other in zip(patched(), before, strict=True)] == [True] * 4
            cursor.execute("SELECT 1")
            assert (cursor.fetchone(), type(connection.cursor()), observation.names()) == (
                (1,),
                psycopg2.extensions.cursor,
                [],
            )
