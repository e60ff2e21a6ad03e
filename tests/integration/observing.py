"""Installs hooks on providers of a test's own, and keeps what the calls left behind in memory."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased, Sampler
from psycopg2.extensions import parse_dsn

from otelmon.calls.leaf_spans import LeafSpans
from otelmon.calls.recorder import CallRecorder
from otelmon.hooks.calling_line import calling_line
from otelmon.launch.figures import deliver_figures
from otelmon.launch.finished_spans import FinishedSpans
from otelmon.launch.promotion import promote_ancestors
from otelmon.launch.request_spans import watch_requests
from otelmon.registry import HookRegistry
from otelmon.settings import Settings
from tests.integration.psycopg2.conftest import SCOPE, Observation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from otelmon.hooks.protocol import Hook


@contextmanager
def observing(
    hooks: Iterable[Hook], settings: Settings | None = None, sampler: Sampler | None = None
) -> Iterator[Observation]:
    """Yields what the hooks see while they are installed."""
    exporter, reader = InMemorySpanExporter(), InMemoryMetricReader()
    tracers = TracerProvider(sampler=sampler or ParentBased(ALWAYS_ON), shutdown_on_exit=False)
    tracers.add_span_processor(SimpleSpanProcessor(exporter))
    meters = MeterProvider([reader], shutdown_on_exit=False)
    registry = HookRegistry(settings or Settings())
    observation = Observation(tracers, exporter, reader, registry, lambda: None)

    def emit(name: str, attributes: Any, *, trace_id: int, span_id: int) -> None:
        observation.events.append((name, dict(attributes), trace_id, span_id))

    with ExitStack() as ends:
        ends.callback(tracers.shutdown)
        ends.callback(promote_ancestors(tracers, registry.promoted))
        ends.callback(watch_requests(tracers, registry.requests))
        tracer = tracers.get_tracer("otelmon")
        spans = LeafSpans(tracer, SCOPE, FinishedSpans(tracer).takers)
        registry.calls = CallRecorder(registry, spans, emit, calling_line)
        ends.callback(deliver_figures(meters, SCOPE, registry, heartbeat=lambda: 1, spans=dict))
        for hook in hooks:
            ends.callback(hook.install(registry))
        yield observation


def check_spans(observation: Observation, dsn: str, *, goes_there: bool) -> None:
    """Holds every span of a way against what each has to tell, and the histogram against the spans.

    Args:
        observation: what the hooks saw.
        dsn: where the calls went.
        goes_there: whether they did; a refused connection did not.
    """
    assert observation.count() == len(observation.spans())
    address = parse_dsn(dsn)
    for span in observation.spans():
        attributes = dict(span.attributes or {})
        assert attributes["db.system.name"] == "postgresql"
        if goes_there:
            known = ("db.namespace", "server.address", "server.port")
            expected = (address["dbname"], address["host"], int(address["port"]))
            assert tuple(attributes[name] for name in known) == expected
            assert attributes["otelmon.db.backend_pid"] > 0
        assert attributes["db.operation.name"] == span.name.partition(" ")[0]
        assert "secret-value" not in str(attributes) + str(span.status.description)
    assert "secret-value" not in str(observation.events)
