"""A finished span that is handed over is the span that the SDK itself would have made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace import Tracer as SdkTracer
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import NoOpTracer, set_span_in_context

from otelmon.calls.connection_facts import ConnectionFacts
from otelmon.calls.current_context import Surroundings
from otelmon.calls.database_call import DatabaseCall
from otelmon.calls.failure import failure_of
from otelmon.calls.in_flight import InFlight
from otelmon.calls.leaf_spans import LeafSpan, LeafSpans
from otelmon.calls.outcome import Outcome
from otelmon.calls.statement_facts import statement_facts
from otelmon.launch.finished_spans import FinishedSpans

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry.trace import Span

FIELDS = {name for name, value in vars(ReadableSpan).items() if isinstance(value, property)} - {"instrumentation_info"}


class _Recorder:
    def __init__(self) -> None:
        self.in_flight = InFlight()

    def finish(self, call: DatabaseCall, error: BaseException | None) -> None:
        """Records nothing."""


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    """Returns what keeps the spans."""
    return InMemorySpanExporter()


@pytest.fixture
def provider(exporter: InMemorySpanExporter) -> Iterator[TracerProvider]:
    """Yields a provider with an exporting processor alone."""
    made = TracerProvider(shutdown_on_exit=False)
    made.add_span_processor(SimpleSpanProcessor(exporter))
    yield made
    made.shutdown()


def make(provider: TracerProvider, parent: Span, error: BaseException | None, *, finished: bool) -> None:
    """Makes one leaf span on one of the two ways."""
    tracer = provider.get_tracer("otelmon", "1")
    call = DatabaseCall(_Recorder(), ConnectionFacts("postgresql", "shop"), statement_facts("SELECT 1 FROM t"))
    call.started_at_ns, call.elapsed_ns = 1_700_000_000_000_000_000, 5_000_000
    outcome = Outcome(call, {"db.response.returned_rows": 1}, None if error is None else failure_of(error), 500)
    LeafSpans(
        tracer, InstrumentationScope("otelmon", "1", ""), lambda: (provider._active_span_processor,) if finished else ()
    ).make(call, outcome.span_attributes(is_promoted=False), outcome.status, Surroundings(set_span_in_context(parent)))


@pytest.mark.parametrize("error", [None, ValueError("x")], ids=["good", "failed"])
def test_both_ways_give_the_same_span(
    provider: TracerProvider, exporter: InMemorySpanExporter, error: BaseException | None
) -> None:
    """Every public field of both spans is equal, their ids apart."""
    with provider.get_tracer("t").start_as_current_span("request") as parent:
        make(provider, parent, error, finished=True)
        make(provider, parent, error, finished=False)
    handed, started, _ = exporter.get_finished_spans()
    assert (type(handed), type(started) is LeafSpan) == (LeafSpan, False)
    assert handed.context.span_id != started.context.span_id
    for name in FIELDS - {"context", "attributes"}:
        one, other = (getattr(span, name) for span in (handed, started))
        same = (
            (one.status_code, one.description) == (other.status_code, other.description)
            if name == "status"
            else one == other
        )
        assert same, name
    assert dict(handed.attributes) == dict(started.attributes)
    assert [
        getattr(handed.context, name) == getattr(started.context, name)
        for name in ("trace_id", "trace_flags", "trace_state", "is_remote", "is_valid")
    ] == [True] * 5


class _Listening(SpanProcessor):
    """Stands for a processor that wants to see spans start."""


@pytest.mark.parametrize(
    ("limits", "processors", "expected"),
    [
        pytest.param(SpanLimits(), [], True, id="nobody else"),
        pytest.param(SpanLimits(), [_Listening], False, id="somebody listens"),
        pytest.param(SpanLimits(max_span_attributes=5), [], False, id="few attributes"),
        pytest.param(SpanLimits(max_span_attribute_length=50), [], False, id="short attributes"),
    ],
)
def test_when_finished_spans_are_taken(limits: SpanLimits, processors: list[type], expected: bool) -> None:
    """Finished spans are handed over only where nobody would miss their start and no limit would cut them."""
    provider = TracerProvider(span_limits=limits, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(InMemorySpanExporter()))
    asked = FinishedSpans(provider.get_tracer("t"))
    first = bool(asked.takers())
    for each in processors:
        provider.add_span_processor(each())
    assert (bool(asked.takers()), first) == (expected, expected or bool(processors))
    provider.shutdown()


def test_other_tracers_take_no_finished_spans() -> None:
    """A tracer that is not the SDK's is never handed one."""
    assert FinishedSpans(NoOpTracer()).takers() == ()


@pytest.mark.parametrize("name", ["span_processor", "id_generator", "resource", "_span_limits"])
def test_tracers_have_the_fields(provider: TracerProvider, name: str) -> None:
    """The SDK's tracers show what a finished span is made from."""
    tracer = provider.get_tracer("t")
    assert isinstance(tracer, SdkTracer)
    assert hasattr(tracer, name)
    assert tracer._is_enabled() is True
