"""Puts histograms that were aggregated at the call among the data that a metric reader hands on."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, cast

from opentelemetry.sdk.metrics import Exemplar
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    HistogramDataPoint,
    Metric,
    MetricsData,
    ScopeMetrics,
)
from opentelemetry.sdk.metrics.export import Histogram as HistogramData

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from opentelemetry.sdk.util.instrumentation import InstrumentationScope

    from otelmon.registry.histograms import Aggregate, Histogram

_NS_PER_S = 1_000_000_000


class _Seen(NamedTuple):
    since_ns: int
    counts: tuple[int, ...]
    sum_ns: int


class Shown(NamedTuple):
    """Holds a histogram with how its metric is called and described; ``unit`` is UCUM."""

    name: str
    unit: str
    meaning: str
    histogram: Histogram


class FinishedHistograms:
    """Makes the points for one reader, in the temporality that it asks for.

    Args:
        histograms: what is shown, to which more may be added.
        scope: under which they are handed on.
        temporality: of the reader.
        with_exemplars: whether points show the measurements of sampled spans.
    """

    def __init__(
        self,
        histograms: Sequence[Shown],
        scope: InstrumentationScope,
        temporality: AggregationTemporality,
        *,
        with_exemplars: bool,
    ) -> None:
        self._histograms = histograms
        self._scope = scope
        self._temporality = temporality
        self._with_exemplars = with_exemplars
        self._collected_ns = 0
        # What this reader has been given, by metric and the identity of the attribute set, which lives as long.
        self._seen: dict[tuple[str, int], _Seen] = {}

    def added_to(self, data: MetricsData) -> MetricsData:
        """Returns the data of a collection with the histograms, which stand first in their scope."""
        now_ns = time.time_ns()
        metrics = [metric for each in tuple(self._histograms) if (metric := self._metric(each, now_ns))]
        self._collected_ns = now_ns
        if not metrics or not data.resource_metrics:
            return data
        resource, *others = data.resource_metrics
        scopes = list(resource.scope_metrics)
        place = next((at for at, each in enumerate(scopes) if each.scope == self._scope), None)
        if place is None:
            scopes.append(ScopeMetrics(self._scope, metrics, self._scope.schema_url or ""))
        else:
            scopes[place] = replace(scopes[place], metrics=[*metrics, *scopes[place].metrics])
        return MetricsData([replace(resource, scope_metrics=scopes), *others])

    def _metric(self, shown: Shown, now_ns: int) -> Metric | None:
        points = [
            point
            for aggregate in shown.histogram.aggregates()
            if (point := self._point(shown.name, aggregate, shown.histogram.bounds, now_ns)) is not None
        ]
        if not points:
            return None
        return Metric(shown.name, shown.meaning, shown.unit, HistogramData(points, self._temporality))

    def _point(
        self, name: str, aggregate: Aggregate, bounds: tuple[float, ...], now_ns: int
    ) -> HistogramDataPoint | None:
        if self._temporality is AggregationTemporality.CUMULATIVE:
            return self._made(aggregate, bounds, now_ns, aggregate.min_ns / _NS_PER_S, aggregate.max_ns / _NS_PER_S)
        key = (name, id(aggregate.attributes))
        seen = self._seen.get(key)
        self._seen[key] = _Seen(now_ns, aggregate.counts, aggregate.sum_ns)
        # Begun anew since, as in a forked child, it is new to the reader.
        if seen is None or aggregate.since_ns > seen.since_ns:
            return self._made(aggregate, bounds, now_ns, aggregate.min_ns / _NS_PER_S, aggregate.max_ns / _NS_PER_S)
        if seen.counts == aggregate.counts:
            return None
        difference = aggregate._replace(
            since_ns=seen.since_ns,
            counts=tuple(now - before for now, before in zip(aggregate.counts, seen.counts, strict=True)),
            sum_ns=aggregate.sum_ns - seen.sum_ns,
        )
        # The least and the greatest of an interval are not known: the field is optional in OTLP.
        return self._made(difference, bounds, now_ns, None, None)

    def _made(
        self, aggregate: Aggregate, bounds: tuple[float, ...], now_ns: int, low: float | None, high: float | None
    ) -> HistogramDataPoint:
        return HistogramDataPoint(
            attributes=aggregate.attributes,
            start_time_unix_nano=aggregate.since_ns,
            time_unix_nano=now_ns,
            count=sum(aggregate.counts),
            sum=aggregate.sum_ns / _NS_PER_S,
            bucket_counts=list(aggregate.counts),
            explicit_bounds=bounds,
            # The class does not say so, but its encoder leaves an unknown one out.
            min=cast("float", low),
            max=cast("float", high),
            exemplars=self._exemplars(aggregate),
        )

    def _exemplars(self, aggregate: Aggregate) -> list[Exemplar]:
        if not self._with_exemplars:
            return []
        return [
            Exemplar({}, each.value_ns / _NS_PER_S, each.at_ns, each.span_id, each.trace_id)
            for each in aggregate.exemplars
            if each.at_ns > self._collected_ns
        ]


class FinishedScopes:
    """Makes the points of several scopes for one reader.

    Args:
        shown: what is shown, by scope, to which more may be added.
        temporality: of the reader.
        with_exemplars: whether points show the measurements of sampled spans.
    """

    def __init__(
        self,
        shown: Mapping[InstrumentationScope, Sequence[Shown]],
        temporality: AggregationTemporality,
        *,
        with_exemplars: bool,
    ) -> None:
        self._shown = shown
        self._temporality = temporality
        self._with_exemplars = with_exemplars
        self._finished: dict[InstrumentationScope, FinishedHistograms] = {}

    def added_to(self, data: MetricsData) -> MetricsData:
        """Returns the data of a collection with the histograms of every scope."""
        for scope, shown in tuple(self._shown.items()):
            if scope not in self._finished:
                self._finished[scope] = FinishedHistograms(
                    shown, scope, self._temporality, with_exemplars=self._with_exemplars
                )
            data = self._finished[scope].added_to(data)
        return data
