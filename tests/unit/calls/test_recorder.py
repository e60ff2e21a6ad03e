"""What becomes of a call that a hook without facts of its own reports through the registry."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.instrumentation.utils import suppress_instrumentation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanKind

from otelmon import signals
from otelmon.calls.connection_facts import ConnectionFacts
from otelmon.calls.database_call import DatabaseCall
from otelmon.calls.failure import failure_of
from otelmon.calls.leaf_spans import LeafSpans
from otelmon.calls.metric_attributes import MOST_CELLS, cell_of
from otelmon.calls.recorder import CallRecorder
from otelmon.calls.statement_facts import statement_facts
from otelmon.launch.figures import deliver_figures
from otelmon.registry import HookRegistry
from otelmon.registry.histograms import Histogram
from otelmon.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

FACTS = {"db.namespace": "shop", "server.address": "db1", "server.port": 3306}


class World:
    """Holds a registry whose calls are recorded into memory; the calling line is always the same."""

    def __init__(self) -> None:
        self.exporter, self.reader = InMemorySpanExporter(), InMemoryMetricReader()
        self.tracers = TracerProvider(shutdown_on_exit=False)
        self.tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.meters = MeterProvider([self.reader], shutdown_on_exit=False)
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.registry = HookRegistry(Settings(slow_query_threshold_ms=20))
        deliver_figures(self.meters, InstrumentationScope("m"), self.registry, heartbeat=lambda: 1, spans=dict)
        self.registry.calls = CallRecorder(
            self.registry,
            LeafSpans(self.tracers.get_tracer("t"), InstrumentationScope("t"), lambda: ()),
            self.emit,
            lambda: ("f", "a.py", 7),
        )

    def emit(self, name: str, attributes: Any, *, trace_id: int, span_id: int) -> None:
        """Keeps an event."""
        assert trace_id
        assert span_id
        self.events.append((name, dict(attributes)))

    def metrics(self) -> dict[str, Any]:
        """Returns what was collected, by name."""
        data = self.reader.get_metrics_data()
        scopes = [scope for resource in data.resource_metrics for scope in resource.scope_metrics] if data else []
        metrics = {metric.name: metric for scope in scopes for metric in scope.metrics}
        return {name: metric for name, metric in metrics.items() if name != "otelmon.heartbeat"}


@pytest.fixture
def world() -> Iterator[World]:
    """Yields a recorded registry."""
    made = World()
    yield made
    made.tracers.shutdown()
    made.meters.shutdown()


def fail_slowly(world: World) -> None:
    """Makes a call that is slow and fails."""
    block = world.registry.database_call("mysql", FACTS, "SELECT a FROM t")
    block.__enter__()
    time.sleep(0.03)
    block.__exit__(KeyError, KeyError(), None)


def test_a_block_is_a_call(world: World) -> None:
    """The public seam gives span, histogram entry and the facts given, for any database system."""
    with world.registry.database_call("mysql", FACTS, "SELECT a FROM t WHERE b = 'planted'"):
        pass
    (span,) = world.exporter.get_finished_spans()
    assert (span.name, span.kind) == ("SELECT t", SpanKind.CLIENT)
    assert dict(span.attributes) == {
        "db.system.name": "mysql",
        **FACTS,
        "db.operation.name": "SELECT",
        "db.query.summary": "SELECT t",
        "db.collection.name": "t",
        "db.query.text": "SELECT a FROM t WHERE b = ?",
    }
    (point,) = world.metrics()["db.client.operation.duration"].data.data_points
    assert set(point.attributes) == {"db.system.name", "db.operation.name", "db.collection.name", *FACTS}


def test_an_error_passes_through(world: World) -> None:
    """The exception of a block is the application's to handle, and is told with its class."""
    with pytest.raises(ValueError, match="planted"), world.registry.database_call("mysql", {}, "SELECT 1"):
        raise ValueError("planted 4711")
    (span,) = world.exporter.get_finished_spans()
    assert (span.attributes["error.type"], span.attributes["otelmon.keep"]) == ("ValueError", "error")
    assert (span.attributes["code.function.name"], span.attributes["code.line.number"]) == ("f", 7)
    assert [name for name, _ in world.events] == ["otelmon.db.error"]
    assert "4711" not in str(world.events) + str(span.status.description)


def test_slow_and_failed_is_told_twice(world: World) -> None:
    """A call that is both gives both events, and is kept for the error."""
    fail_slowly(world)
    assert [name for name, _ in world.events] == ["otelmon.db.slow", "otelmon.db.error"]
    (span,) = world.exporter.get_finished_spans()
    assert (span.attributes["otelmon.keep"], span.attributes["otelmon.slow"]) == ("error", True)


def test_metrics_are_as_described(world: World) -> None:
    """Names, units and meanings come from the catalogue, and no attribute that it does not name."""
    fail_slowly(world)
    for metric in world.metrics().values():
        described = signals.BY_NAME[metric.name]
        assert (metric.unit, metric.description) == (described.unit, described.meaning)
        assert {name for point in metric.data.data_points for name in point.attributes} == set(described.attributes)
    assert len(world.metrics()) == 2


def test_events_have_only_described_attributes(world: World) -> None:
    """The catalogue names every attribute of the events."""
    fail_slowly(world)
    described = {event.name: set(event.attributes) for event in signals.EVENTS}
    for name, attributes in world.events:
        unexpected = set(attributes) - described["otelmon.db.slow"] - described["otelmon.db.error"]
        assert (name, unexpected) == (name, set())


def test_suppressed(world: World) -> None:
    """Where instrumentation is suppressed the block does nothing."""
    with suppress_instrumentation(), world.registry.database_call("mysql", {}, "SELECT 1"):
        pass
    assert (world.exporter.get_finished_spans(), world.metrics()) == ((), {})


def test_without_a_recorder() -> None:
    """A registry in which nobody records gives blocks that do nothing."""
    with HookRegistry(Settings()).database_call("mysql", {}, "SELECT 1") as call:
        assert call is None


def test_exemplars_lead_to_the_trace(world: World) -> None:
    """An entry of the histogram made in a sampled request knows its trace."""
    with (
        world.tracers.get_tracer("t").start_as_current_span("request") as request,
        world.registry.database_call("mysql", {}, "SELECT 1"),
    ):
        pass
    (point,) = world.metrics()["db.client.operation.duration"].data.data_points
    assert [exemplar.trace_id for exemplar in point.exemplars] == [request.get_span_context().trace_id]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param({"server.port": "5432", "server.address": 7, "db.namespace": b"x"}, {}, id="wrong types"),
        pytest.param({"server.port": 0, "db.namespace": ""}, {}, id="unknown values"),
    ],
)
def test_unusable_facts_are_absent(world: World, given: dict[str, Any], expected: dict[str, Any]) -> None:
    """What is unknown or of another type than its attribute is no attribute."""
    with world.registry.database_call("mysql", given, ""):
        pass
    (span,) = world.exporter.get_finished_spans()
    attributes = {name: value for name, value in span.attributes.items() if name.startswith(("server.", "db.name"))}
    assert attributes == expected


class _Psycopg(Exception):  # noqa: N818 - stands for a driver's class
    sqlstate = "40P01"


class _Psycopg2(Exception):  # noqa: N818 - stands for a driver's class
    pgcode = "23505"


class _Odd(Exception):  # noqa: N818 - stands for a driver's class
    sqlstate = "not a code"
    pgcode = None


@pytest.mark.parametrize(
    ("error", "error_type", "description"),
    [
        pytest.param(_Psycopg(), "40P01", "_Psycopg", id="sqlstate"),
        pytest.param(_Psycopg2(), "23505", "_Psycopg2", id="pgcode"),
        pytest.param(_Odd(), "_Odd", "_Odd", id="no SQLSTATE"),
        pytest.param(TimeoutError("timed out"), "TimeoutError", "TimeoutError: timed out", id="any exception"),
        pytest.param(KeyboardInterrupt(), "KeyboardInterrupt", "KeyboardInterrupt", id="no Exception at all"),
    ],
)
def test_failure(error: BaseException, error_type: str, description: str) -> None:
    """error.type is the SQLSTATE where the driver gives one, under whichever name, else the class."""
    failure = failure_of(error)
    assert (failure.error_type, failure.description) == (error_type, description)


def test_attribute_sets_are_bounded() -> None:
    """A million tables make as many sets as allowed and one shared one, which says what it is."""
    overflowed: list[int] = []
    durations = Histogram((1.0,), 100, lambda: overflowed.append(1))
    connection = ConnectionFacts("postgresql")
    made = [cell_of(durations, connection, statement_facts(f"SELECT 1 FROM t{n}"), "") for n in range(1000)]
    assert len({tuple(sorted(each.attributes.items())) for each in made}) == 101
    assert made[-1].attributes == {"otel.metric.overflow": True}
    assert len(overflowed) == 900
    assert cell_of(durations, connection, statement_facts("SELECT 1 FROM t5"), "") is made[5]
    assert len(connection.cells) <= MOST_CELLS


def test_a_call_can_end_without_a_block(world: World) -> None:
    """A hook that learns of the end elsewhere says so, with or without an error."""
    recorder = world.registry.calls
    assert isinstance(recorder, CallRecorder)
    call = recorder.start(ConnectionFacts("mysql"), "SELECT 1")
    assert isinstance(call, DatabaseCall)
    call.end()
    assert [span.name for span in world.exporter.get_finished_spans()] == ["SELECT"]


def test_another_instrumentation_may_make_the_span(world: World) -> None:
    """A call that is traced elsewhere is counted and told, without a span of ours."""
    recorder = world.registry.calls
    assert isinstance(recorder, CallRecorder)
    with world.tracers.get_tracer("t").start_as_current_span("theirs"):
        call = recorder.start(ConnectionFacts("mysql"), "SELECT 1")
        call.is_traced_elsewhere = True
        call.end(KeyError())
    assert [span.name for span in world.exporter.get_finished_spans()] == ["theirs"]
    assert [name for name, _ in world.events] == ["otelmon.db.error"]
