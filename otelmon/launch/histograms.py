"""Hands on the histograms that are aggregated at the call: the one file that looks at what a meter provider keeps.

Where the SDK would not aggregate them as they are (a view asks for something else, a reader for exponential buckets, an
interpreter has no global lock, a provider is not the SDK's) the SDK's own instruments are used instead.
Contract test: tests/contract/test_histograms.py.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, cast

from opentelemetry.sdk.metrics import AlwaysOffExemplarFilter, MeterProvider, TraceBasedExemplarFilter
from opentelemetry.sdk.metrics.view import DefaultAggregation, ExplicitBucketHistogramAggregation

from otelmon import guard, signals
from otelmon.gauges.histograms import FinishedHistograms

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from opentelemetry.metrics import Histogram as Instrument
    from opentelemetry.metrics import Meter
    from opentelemetry.sdk.metrics.export import MetricReader, MetricsData
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope

    from otelmon.registry.histograms import Histogram

_JOIN, _RECEIVE = guard.site("launch.histograms"), guard.site("gauges.histograms")


class HistogramDelivery:
    """Connects histograms with the readers of a provider.

    Args:
        provider: any meter provider.
        meter: of that provider, makes the SDK's instruments where they have to aggregate.
        scope: that meter's.
        histograms: by metric name, still empty.
    """

    def __init__(
        self, provider: object, meter: Meter, scope: InstrumentationScope, histograms: Mapping[str, Histogram]
    ) -> None:
        self._provider = provider
        self._scope = scope
        self._histograms = histograms
        self._joined: list[MetricReader] = []
        instruments = {name: _instrument(meter, name, each.bounds) for name, each in histograms.items()}
        if not guard.call(_JOIN, self._is_plain, instruments):
            self._provider = None
            for name, each in histograms.items():
                each.hand_over(instruments[name].record)

    def _is_plain(self, instruments: Mapping[str, Instrument]) -> bool:
        if not isinstance(self._provider, MeterProvider) or not getattr(sys, "_is_gil_enabled", lambda: True)():
            return False
        config = self._provider._sdk_config  # noqa: SLF001 - see the module's docstring
        if not isinstance(config.exemplar_filter, (AlwaysOffExemplarFilter, TraceBasedExemplarFilter)):
            return False
        # The class of instruments is the SDK's own; where metrics are disabled there are none of it, and no readers.
        made: list[Any] = list(instruments.values())
        return not any(view._match(each) for view in config.views for each in made) and all(  # noqa: SLF001
            _keeps_buckets(aggregation)
            for reader in self._readers()
            for each in made
            if (aggregation := reader._instrument_class_aggregation.get(type(each))) is not None  # noqa: SLF001
        )

    def _readers(self) -> list[MetricReader]:
        provider = cast("Any", self._provider)
        return list(provider._measurement_consumer._reader_storages)  # noqa: SLF001 - see the module's docstring

    def join(self) -> None:
        """Joins readers that are new; called in every collection, before its data are handed on."""
        if self._provider is not None:
            guard.call(_JOIN, self._join)

    def _join(self) -> None:
        for reader in self._readers():
            if reader not in self._joined:
                self._joined.append(reader)
                reader._receive_metrics = self._receiving(reader)  # type: ignore[method-assign]  # noqa: SLF001 - see the module's docstring

    def _receiving(self, reader: MetricReader) -> Callable[..., None]:
        config = cast("Any", self._provider)._sdk_config  # noqa: SLF001 - see the module's docstring
        kinds = reader._instrument_class_temporality  # noqa: SLF001 - see the module's docstring
        temporality = next(value for kind, value in kinds.items() if kind.__name__ == "_Histogram")
        finished = FinishedHistograms(
            self._histograms,
            self._scope,
            temporality,
            with_exemplars=not isinstance(config.exemplar_filter, AlwaysOffExemplarFilter),
        )
        original = reader._receive_metrics  # noqa: SLF001 - see the module's docstring

        def _receive_metrics(metrics_data: MetricsData, *args: Any, **options: Any) -> None:  # noqa: ANN401 - the SDK's own signature
            original(guard.call(_RECEIVE, finished.added_to, metrics_data) or metrics_data, *args, **options)

        return _receive_metrics

    def undo(self) -> None:
        """Leaves the readers; what was counted meanwhile is no longer shown."""
        for reader in self._joined:
            vars(reader).pop("_receive_metrics", None)
        self._joined.clear()
        self._provider = None


def _keeps_buckets(aggregation: object) -> bool:
    """Tells whether an aggregation takes the bounds that an instrument proposes."""
    if isinstance(aggregation, ExplicitBucketHistogramAggregation):
        return vars(aggregation).get("_boundaries") is None
    return isinstance(aggregation, DefaultAggregation)


def _instrument(meter: Meter, name: str, bounds: tuple[float, ...]) -> Instrument:
    described = signals.BY_NAME[name]
    return meter.create_histogram(name, described.unit, described.meaning, explicit_bucket_boundaries_advisory=bounds)
