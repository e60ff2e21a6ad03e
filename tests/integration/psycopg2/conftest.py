"""Runs psycopg2 with and without otelmon on a real PostgreSQL and keeps what the calls left behind in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased, Sampler
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from otelmon.calls.leaf_spans import LeafSpans
from otelmon.calls.recorder import CallRecorder
from otelmon.hooks.calling_line import calling_line
from otelmon.hooks.psycopg2 import hook
from otelmon.launch.figures import deliver_figures
from otelmon.launch.finished_spans import FinishedSpans
from otelmon.launch.promotion import promote_ancestors
from otelmon.launch.request_spans import watch_requests
from otelmon.registry import HookRegistry
from otelmon.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from opentelemetry.sdk.trace import ReadableSpan

SCOPE = InstrumentationScope("otelmon")
TABLE = """
DROP TABLE IF EXISTS items;
CREATE TABLE items (id int PRIMARY KEY, name text UNIQUE, price numeric);
INSERT INTO items VALUES (1, 'one', 1.5), (2, 'two', 2.5), (3, 'three', 3.5);
CREATE OR REPLACE FUNCTION add_up(a int, b int) RETURNS int LANGUAGE sql AS 'SELECT a + b';
"""


@dataclass
class Observation:
    """Holds the providers of one installation and what they collected."""

    tracers: TracerProvider
    exporter: InMemorySpanExporter
    reader: InMemoryMetricReader
    registry: HookRegistry
    undo: Callable[[], None]
    events: list[tuple[str, dict[str, Any], int, int]] = field(default_factory=list)

    def spans(self) -> list[ReadableSpan]:
        """Returns the finished spans, in order of their ends."""
        return list(self.exporter.get_finished_spans())

    def names(self) -> list[str]:
        """Returns the names of the finished spans, the connection's establishment apart."""
        return [span.name for span in self.spans() if span.name != "CONNECT"]

    def last(self, name: str) -> dict[str, Any]:
        """Returns the attributes of the newest span of a name."""
        return dict(next(span for span in reversed(self.spans()) if span.name == name).attributes or {})

    def points(self, metric: str) -> list[Any]:
        """Returns the points of one metric."""
        data = self.reader.get_metrics_data()
        return [
            point
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for each in scope.metrics
            if each.name == metric
            for point in each.data.data_points
        ]

    def count(self, **wanted: object) -> int:
        """Returns how many calls the histogram has counted whose attributes are as wanted; dots are underscores."""
        return sum(
            point.count
            for point in self.points("db.client.operation.duration")
            if all(point.attributes.get(name.replace("_", ".")) == value for name, value in wanted.items())
        )


@pytest.fixture
def observe() -> Iterator[Callable[..., Observation]]:
    """Yields a function that installs the hook; what it installed is undone at the end."""
    made: list[Observation] = []

    def start(settings: Settings | None = None, sampler: Sampler | None = None) -> Observation:
        exporter, reader = InMemorySpanExporter(), InMemoryMetricReader()
        tracers = TracerProvider(sampler=sampler or ParentBased(ALWAYS_ON), shutdown_on_exit=False)
        tracers.add_span_processor(SimpleSpanProcessor(exporter))
        meters = MeterProvider([reader], shutdown_on_exit=False)
        registry = HookRegistry(settings or Settings())
        deliver_figures(meters, SCOPE, registry, heartbeat=lambda: 1, spans=dict)
        observation = Observation(tracers, exporter, reader, registry, lambda: None)

        def emit(name: str, attributes: Any, *, trace_id: int, span_id: int) -> None:
            observation.events.append((name, dict(attributes), trace_id, span_id))

        silence = promote_ancestors(tracers, registry.promoted)
        watch_requests(tracers, registry.requests)
        tracer = tracers.get_tracer("otelmon")
        registry.calls = CallRecorder(
            registry,
            LeafSpans(tracer, SCOPE, FinishedSpans(tracer).takers),
            emit,
            calling_line,
        )
        undo = hook.install(registry)
        observation.undo = lambda: (undo(), silence())
        made.append(observation)
        return observation

    yield start
    for each in reversed(made):
        each.undo()
        each.tracers.shutdown()


@pytest.fixture
def observation(observe: Callable[..., Observation]) -> Observation:
    """Returns one installation with the defaults."""
    return observe()


def make_table(dsn: str) -> None:
    """Makes the table anew."""
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
    connection.close()


@pytest.fixture(autouse=True)
def _table(postgres_dsn: str) -> None:
    """Makes the table before otelmon is there."""
    make_table(postgres_dsn)


@pytest.fixture
def reset(postgres_dsn: str) -> Callable[[], None]:
    """Returns a function that brings the table back to its first state."""
    return lambda: make_table(postgres_dsn)
