"""Histograms aggregated at the call reach every reader as the SDK's own would."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.sdk.metrics import (
    AlwaysOffExemplarFilter,
    AlwaysOnExemplarFilter,
    Histogram,
    MeterProvider,
)
from opentelemetry.sdk.metrics.export import AggregationTemporality, InMemoryMetricReader
from opentelemetry.sdk.metrics.view import (
    ExplicitBucketHistogramAggregation,
    ExponentialBucketHistogramAggregation,
    View,
)
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, TraceFlags

from otelmon import signals
from otelmon.launch.figures import deliver_figures
from otelmon.registry import HookRegistry
from otelmon.registry.operations import DURATION
from otelmon.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

MS = 1_000_000
SCOPE = InstrumentationScope("otelmon", "1")
LABELS = {"db.system.name": "postgresql", "db.operation.name": "SELECT"}
TIMES_MS = (0.5, 1, 3, 70, 70, 20_000)
DELTA = {Histogram: AggregationTemporality.DELTA}
SPAN = SpanContext(7, 8, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))


def connected(provider: MeterProvider) -> tuple[HookRegistry, Callable[[], None]]:
    """Returns a registry whose figures go to a provider, and the undoing."""
    registry = HookRegistry(Settings())
    return registry, deliver_figures(provider, SCOPE, registry, heartbeat=lambda: 1, spans=dict)


def add(registry: HookRegistry, *times_ms: float) -> None:
    """Counts calls."""
    cell = registry.operations.durations.cell("key", lambda: dict(LABELS))
    for each in times_ms:
        cell.add(int(each * MS))
        cell.show(int(each * MS), SPAN, time.time_ns())


def read(reader: InMemoryMetricReader, scope: str = "otelmon") -> Any:
    """Collects and returns the metric, None where it is not there; its name may be there once."""
    data = reader.get_metrics_data()
    found = [
        metric
        for resource in (data.resource_metrics if data else ())
        for each in resource.scope_metrics
        if each.scope.name == scope
        for metric in each.metrics
        if metric.name == DURATION
    ]
    assert len(found) <= 1
    return found[0] if found else None


@pytest.mark.parametrize("temporality", [{}, DELTA], ids=["cumulative", "delta"])
def test_points_equal_those_of_the_sdk(temporality: dict[type, AggregationTemporality]) -> None:
    """Field by field, clocks apart, over three collections of which one has nothing new."""
    reader = InMemoryMetricReader(preferred_temporality=temporality)
    provider = MeterProvider([reader], shutdown_on_exit=False)
    described = signals.BY_NAME[DURATION]
    registry, _ = connected(provider)
    bounds = registry.operations.durations.bounds
    own = provider.get_meter("sdk").create_histogram(
        DURATION, described.unit, described.meaning, explicit_bucket_boundaries_advisory=bounds
    )
    for times in (TIMES_MS, (), (2, 2)):
        add(registry, *times)
        for each in times:
            own.record(each / 1000, LABELS)
        data = reader.get_metrics_data()
        metrics = {
            scope.scope.name: metric
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == DURATION
        }
        assert set(metrics) in ({"otelmon", "sdk"}, set())
        if not metrics:
            assert (temporality, times) == (DELTA, ())
            continue
        ours, theirs = metrics["otelmon"], metrics["sdk"]
        assert (ours.unit, ours.description) == (theirs.unit, theirs.description)
        assert ours.data.aggregation_temporality is theirs.data.aggregation_temporality
        (one,), (other,) = ours.data.data_points, theirs.data.data_points
        assert dict(one.attributes) == dict(other.attributes)
        assert (one.count, list(one.bucket_counts)) == (other.count, list(other.bucket_counts))
        assert tuple(one.explicit_bounds) == tuple(other.explicit_bounds)
        assert one.sum == pytest.approx(other.sum)
        assert one.start_time_unix_nano <= one.time_unix_nano
        # The least and the greatest of an interval are told only where they are known.
        assert (one.min, one.max) in ((other.min, other.max), (None, None))


def test_intervals_join_without_a_gap() -> None:
    """A delta point begins where the one before it ended."""
    reader = InMemoryMetricReader(preferred_temporality=DELTA)
    registry, _ = connected(MeterProvider([reader], shutdown_on_exit=False))
    points = []
    for _ in range(3):
        add(registry, 1)
        points.append(read(reader).data.data_points[0])
    assert [point.count for point in points] == [1, 1, 1]
    assert points[1].start_time_unix_nano == points[0].time_unix_nano
    assert points[2].start_time_unix_nano == points[1].time_unix_nano


def test_a_forked_child_begins_at_zero() -> None:
    """After a fork a delta reader gets the child's own counts, not a difference to its parent's."""
    reader = InMemoryMetricReader(preferred_temporality=DELTA)
    registry, _ = connected(MeterProvider([reader], shutdown_on_exit=False))
    add(registry, 1, 1, 1)
    read(reader)
    registry.after_fork()
    add(registry, 1)
    assert read(reader).data.data_points[0].count == 1


def test_every_reader_gets_everything() -> None:
    """Readers do not take from one another, and one that is added later is joined as well."""
    one, two, late = InMemoryMetricReader(), InMemoryMetricReader(preferred_temporality=DELTA), InMemoryMetricReader()
    provider = MeterProvider([one, two], shutdown_on_exit=False)
    registry, _ = connected(provider)
    add(registry, 1, 2)
    provider.add_metric_reader(late)
    assert [read(each).data.data_points[0].count for each in (one, two, late)] == [2, 2, 2]


def test_exemplars_are_those_since_the_last_collection() -> None:
    """A point leads to traces of its interval."""
    reader = InMemoryMetricReader()
    registry, _ = connected(MeterProvider([reader], shutdown_on_exit=False))
    add(registry, 3)
    (exemplar,) = read(reader).data.data_points[0].exemplars
    assert (exemplar.trace_id, exemplar.span_id, exemplar.value) == (7, 8, 0.003)
    assert read(reader).data.data_points[0].exemplars == []


def test_exemplars_can_be_off() -> None:
    """OTEL_METRICS_EXEMPLAR_FILTER=always_off is honored."""
    reader = InMemoryMetricReader()
    registry, _ = connected(MeterProvider([reader], exemplar_filter=AlwaysOffExemplarFilter(), shutdown_on_exit=False))
    add(registry, 3)
    assert read(reader).data.data_points[0].exemplars == []


ONE_BOUND = ExplicitBucketHistogramAggregation((1.0,))
EXPONENTIAL = ExponentialBucketHistogramAggregation()


@pytest.mark.parametrize(
    ("provider", "kind", "buckets"),
    [
        pytest.param(
            lambda reader: MeterProvider([reader(preferred_aggregation={Histogram: EXPONENTIAL})]),
            "ExponentialHistogram",
            None,
            id="exponential reader",
        ),
        pytest.param(
            lambda reader: MeterProvider(
                [reader()],
                views=[View(instrument_name="db.client.*", aggregation=ExplicitBucketHistogramAggregation((1.0,)))],
            ),
            "Histogram",
            (1.0,),
            id="view",
        ),
        pytest.param(
            lambda reader: MeterProvider([reader()], exemplar_filter=AlwaysOnExemplarFilter()),
            "Histogram",
            "ours",
            id="every exemplar",
        ),
    ],
)
def test_where_something_else_is_asked_for_the_sdk_aggregates(
    provider: Callable[..., MeterProvider], kind: str, buckets: object
) -> None:
    """Views, exponential buckets and other exemplars than ours are honored, and nothing is counted twice."""
    readers: list[InMemoryMetricReader] = []

    def reader(**options: Any) -> InMemoryMetricReader:
        readers.append(InMemoryMetricReader(**options))
        return readers[-1]

    registry, _ = connected(provider(reader))
    add(registry, *TIMES_MS)
    metric = read(readers[0])
    assert type(metric.data).__name__ == kind
    (point,) = metric.data.data_points
    assert point.count == len(TIMES_MS)
    if buckets is not None:
        assert tuple(point.explicit_bounds) == (registry.operations.durations.bounds if buckets == "ours" else buckets)


def test_other_views_change_nothing() -> None:
    """A view for other instruments leaves ours aggregated at the call."""
    reader = InMemoryMetricReader()
    views = [View(instrument_name="http.*", aggregation=ExplicitBucketHistogramAggregation((1.0,)))]
    registry, _ = connected(MeterProvider([reader], views=views, shutdown_on_exit=False))
    add(registry, 1)
    assert registry.operations.durations.aggregates() != []
    assert read(reader).data.data_points[0].count == 1


def test_undone_readers_are_as_before() -> None:
    """Uninstalled, a reader hands on what the SDK collected, and nothing of ours is kept alive."""
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader], shutdown_on_exit=False)
    registry, undo = connected(provider)
    add(registry, 1)
    assert read(reader) is not None
    undo()
    assert "_receive_metrics" not in vars(reader)
    assert read(reader) is None
    gc.collect()


def test_another_provider_gets_measurements() -> None:
    """A provider that is not the SDK's is given every time through its own instrument."""
    recorded: list[float] = []

    class Instrument:
        def record(self, value: float, attributes: object) -> None:
            """Takes one."""
            assert attributes == LABELS
            recorded.append(value)

    class Meter:
        def __getattr__(self, name: str) -> Callable[..., object]:
            return lambda *_, **__: Instrument()

    class Provider:
        def get_meter(self, *_: object) -> Meter:
            """Returns the meter."""
            return Meter()

    registry, _ = connected(Provider())
    add(registry, 1, 2)
    assert recorded == [0.001, 0.002]
