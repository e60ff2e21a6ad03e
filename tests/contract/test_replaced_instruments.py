"""A histogram of somebody else is counted at the call and shown as the SDK would have shown it, or left to the SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.metrics.view import DropAggregation, View
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from otelmon.hooks.http_durations import CountedDurations, RecordedDurations, durations_of
from otelmon.launch.figures import deliver_figures
from otelmon.registry import HookRegistry
from otelmon.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

NAME, BOUNDS = "http.client.request.duration", (0.1, 1.0)
LABELS = {"http.request.method": "GET"}


class Connected:
    """Is a provider with one reader, and a registry whose figures go there."""

    def __init__(self, **options: Any) -> None:
        self.reader = InMemoryMetricReader()
        self.provider = MeterProvider([self.reader], shutdown_on_exit=False, **options)
        self.registry = HookRegistry(Settings())
        scope = InstrumentationScope("otelmon", "1")
        self.undo = deliver_figures(self.provider, scope, self.registry, heartbeat=lambda: 1, spans=dict)

    def instrument(self, scope: str = "client", unit: str = "s", bounds: Any = BOUNDS) -> Any:
        """Returns an instrumentation's histogram."""
        meter = self.provider.get_meter(scope, "2", schema_url="https://example.org/1")
        return meter.create_histogram(NAME, unit, "How long.", explicit_bucket_boundaries_advisory=bounds)

    def counts(self) -> dict[str, list[int]]:
        """Collects and returns how many times each scope shows, by its name."""
        data: Any = self.reader.get_metrics_data()
        return {
            scope.scope.name: [point.count for metric in scope.metrics for point in metric.data.data_points]
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            if scope.scope.name != "otelmon"
        }


def test_times_are_counted_and_the_sdk_is_given_none() -> None:
    """Both ways of adding count in one place, in each instrumentation's own scope; what the SDK aggregated is empty."""
    here = Connected()
    one, other = (durations_of(here.instrument(scope), here.registry) for scope in ("client", "server"))
    assert isinstance(one, CountedDurations)
    one.instrument.record(0.5, LABELS)
    one.instrument.record(0.5, attributes=LABELS)
    other.instrument.record(0.5)
    assert here.counts() == {"client": [2], "server": [1]}
    storage: Any = next(iter(here.provider._measurement_consumer._reader_storages.values()))
    assert NAME not in {instrument.name for instrument in storage._instrument_view_instrument_matches}


def test_one_instrument_is_counted_in_one_place() -> None:
    """Several applications of one process share an instrument, and so do their counts."""
    here = Connected()
    for _ in range(3):
        durations_of(here.instrument(), here.registry).instrument.record(0.5, LABELS)
    assert here.counts() == {"client": [3]}


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(lambda here: here.instrument(unit="ms"), id="not in seconds"),
        pytest.param(lambda here: here.instrument(bounds=None), id="without bounds"),
        pytest.param(lambda _: Connected().instrument(), id="another provider's"),
        pytest.param(lambda here: here.provider.get_meter("client").create_counter("c", "s"), id="no histogram"),
    ],
)
def test_what_is_different_is_left_to_the_sdk(other: Callable[[Connected], object]) -> None:
    """Nothing is guessed of an instrument that is not known to be shown alike."""
    here = Connected()
    assert isinstance(durations_of(other(here), here.registry), RecordedDurations)


def test_views_are_honored() -> None:
    """Where a view drops the metric it stays dropped."""
    here = Connected(views=[View(instrument_name=NAME, aggregation=DropAggregation())])
    durations = durations_of(here.instrument(), here.registry)
    assert isinstance(durations, RecordedDurations)
    durations.instrument.record(0.5, LABELS)
    assert here.counts() == {}


def test_a_forked_child_counts_from_zero() -> None:
    """As everything of a registry does."""
    here = Connected()
    instrument = durations_of(here.instrument(), here.registry).instrument
    instrument.record(0.5, LABELS)
    here.registry.after_fork()
    instrument.record(0.5, LABELS)
    assert here.counts() == {"client": [1]}


def test_undone_the_instrument_counts_again() -> None:
    """Who still has the stand-in records with the SDK's."""
    here = Connected()
    instrument = durations_of(here.instrument(), here.registry).instrument
    instrument.record(0.5, LABELS)
    here.undo()
    instrument.record(0.5, LABELS)
    instrument.record(0.5, LABELS)
    assert here.counts() == {"client": [2]}
    assert isinstance(durations_of(here.instrument(), here.registry), CountedDurations)


def test_too_many_label_sets_share_one() -> None:
    """What grows without end is counted, and told to have been too much."""
    here = Connected()
    instrument = durations_of(here.instrument(), here.registry).instrument
    limit = here.registry.settings.label_limit
    for number in range(limit + 5):
        instrument.record(0.5, {"http.request.method": str(number)})
    counts = here.counts()["client"]
    assert (len(counts), sum(counts)) == (limit + 1, limit + 5)
    assert here.registry.overflow()[NAME] == 5
