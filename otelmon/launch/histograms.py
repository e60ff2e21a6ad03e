"""Hands on the histograms that are aggregated at the call: the one file that looks at what a meter provider keeps.

Where the SDK would not aggregate them as they are (a view asks for something else, a reader for exponential buckets, an
interpreter has no global lock, a provider is not the SDK's) the SDK's own instruments are used instead.
Contract test: tests/contract/test_histograms.py.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, cast

from opentelemetry.sdk.metrics import (
    AlwaysOffExemplarFilter,
    Counter,
    Histogram,
    MeterProvider,
    TraceBasedExemplarFilter,
    UpDownCounter,
)
from opentelemetry.sdk.metrics.view import DefaultAggregation, ExplicitBucketHistogramAggregation

from otelmon import guard, signals
from otelmon.gauges.histograms import FinishedScopes, Shown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from opentelemetry.metrics import Histogram as Instrument
    from opentelemetry.metrics import Meter
    from opentelemetry.sdk.metrics.export import MetricReader, MetricsData
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope

    from otelmon.registry import HookRegistry
    from otelmon.registry.histograms import Histogram as Cells

_JOIN, _RECEIVE = guard.site("launch.histograms"), guard.site("gauges.histograms")
_REPLACE = guard.site("launch.histograms.replace")


class HistogramDelivery:
    """Connects histograms with the readers of a provider.

    Args:
        provider: any meter provider.
        meter: of that provider, makes the SDK's instruments where they have to aggregate.
        scope: that meter's.
        registry: whose histograms are still empty; it gets ``in_place_of``.
    """

    def __init__(self, provider: object, meter: Meter, scope: InstrumentationScope, registry: HookRegistry) -> None:
        self._provider = provider
        self._registry = registry
        self._joined: list[MetricReader] = []
        histograms = registry.histograms()
        instruments = {name: _instrument(meter, name, each.bounds) for name, each in histograms.items()}
        described = ((signals.BY_NAME[name], each) for name, each in histograms.items())
        self._shown: dict[InstrumentationScope, list[Shown]] = {
            scope: [Shown(each.name, each.unit, each.meaning, cells) for each, cells in described]
        }
        # By the identity of the SDK's instrument, which is kept for as long.
        self._replaced: dict[int, tuple[Any, Cells]] = {}
        if guard.call(_JOIN, self._is_plain, instruments.values()):
            registry.in_place_of = self.in_place_of
            return
        self._provider = None
        for name, each in histograms.items():
            each.hand_over(instruments[name].record)

    def _is_plain(self, instruments: Collection[object]) -> bool:
        if not isinstance(self._provider, MeterProvider) or not getattr(sys, "_is_gil_enabled", lambda: True)():
            return False
        config = self._provider._sdk_config  # noqa: SLF001 - see the module's docstring
        if not isinstance(config.exemplar_filter, (AlwaysOffExemplarFilter, TraceBasedExemplarFilter)):
            return False
        # The class of instruments is the SDK's own; where metrics are disabled there are none of it, and no readers.
        made: list[Any] = list(instruments)
        return not any(view._match(each) for view in config.views for each in made) and all(  # noqa: SLF001
            _keeps_buckets(aggregation)
            for reader in self._readers()
            for each in made
            if (aggregation := reader._instrument_class_aggregation.get(type(each))) is not None  # noqa: SLF001
        )

    def in_place_of(self, instrument: object) -> Cells | None:
        """Returns what has to be given every time that an instrument would be, from now on.

        Args:
            instrument: a histogram in seconds that somebody else has made.

        Returns:
            None where the SDK has to aggregate: the instrument is not this provider's, or has no bounds of its own.
        """
        return guard.call(_REPLACE, self._in_place_of, instrument)

    def _in_place_of(self, instrument: Any) -> Cells | None:  # noqa: ANN401 - the SDK's own class is private
        known = self._replaced.get(id(instrument))
        if known is not None or self._provider is None:
            return None if known is None else known[1]
        if not isinstance(instrument, Histogram) or instrument.unit != "s" or not instrument._is_enabled():  # noqa: SLF001
            return None
        provider = cast("Any", self._provider)
        bounds = instrument._advisory.explicit_bucket_boundaries  # noqa: SLF001 - see the module's docstring
        is_here = instrument._measurement_consumer is provider._measurement_consumer  # noqa: SLF001 - as above
        if not (is_here and bounds and self._is_plain([instrument])):
            return None
        cells = self._registry.other_histogram(instrument.name, tuple(bounds))
        shown = Shown(instrument.name, instrument.unit, instrument.description, cells)
        self._replaced[id(instrument)] = (instrument, cells)
        self._shown.setdefault(instrument.instrumentation_scope, []).append(shown)
        return cells

    def adds_up(self, counter: object) -> bool:
        """Tells whether a counter of somebody else is this provider's, which adds up what it is told."""
        return bool(guard.call(_REPLACE, self._adds_up, counter))

    def _adds_up(self, counter: Any) -> bool:  # noqa: ANN401 - the SDK's own class is private
        if self._provider is None or not isinstance(counter, (Counter, UpDownCounter)):
            return False
        provider = cast("Any", self._provider)
        is_here = counter._measurement_consumer is provider._measurement_consumer  # noqa: SLF001 - see the module's docstring
        return is_here and self._is_plain([counter])

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
        finished = FinishedScopes(
            self._shown, temporality, with_exemplars=not isinstance(config.exemplar_filter, AlwaysOffExemplarFilter)
        )
        original = reader._receive_metrics  # noqa: SLF001 - see the module's docstring

        def _receive_metrics(metrics_data: MetricsData, *args: Any, **options: Any) -> None:  # noqa: ANN401 - the SDK's own signature
            original(guard.call(_RECEIVE, finished.added_to, metrics_data) or metrics_data, *args, **options)

        return _receive_metrics

    def undo(self) -> None:
        """Leaves the readers; what was counted meanwhile is no longer shown, and instruments count by themselves."""
        for reader in self._joined:
            vars(reader).pop("_receive_metrics", None)
        for instrument, cells in self._replaced.values():
            cells.hand_over(instrument.record)
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
