"""The curves of the last hour beside rows of the page, asked of the store of metrics."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from otelmon.operate.overview.prometheus import over_time
from otelmon.operate.page.sparkline import sparkline

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from otelmon.operate.overview.prometheus import Series
    from otelmon.operate.page.sparkline import Sparkline

LAST_SECONDS, STEP_SECONDS = 3600, 60
POINTS = LAST_SECONDS // STEP_SECONDS + 1
MOST_CURVES = 50


@dataclass(frozen=True, slots=True)
class Curve:
    """Describes one family of curves: PromQL, and by which labels a row finds its own; no labels means one for all."""

    name: str
    expression: str
    by: tuple[str, ...]
    words: str


_CALL = ("service_name", "db_namespace", "db_operation_name", "db_collection_name")
_POOL = ("service_name", "db_client_connection_pool_name")
_BUDGET = ("owner", "resource")
_CACHE = ("service_name", "cache_name")
_LOOKUPS = "otelmon_cache_requests_total"


def _by(labels: tuple[str, ...]) -> str:
    return f"by ({', '.join(labels)}) " if labels else ""


def _sum(labels: tuple[str, ...], inner: str, aggregate: str = "sum") -> str:
    return f"{aggregate} {_by(labels)}({inner})"


def _ratio(labels: tuple[str, ...]) -> str:
    hits = _sum(labels, f'increase({_LOOKUPS}{{result=~"hit|stale_hit"}}[5m])')
    return f"{hits} / ({_sum(labels, f'increase({_LOOKUPS}[5m])')} > 0)"


_SLOW = "increase(otelmon_db_client_slow_operations_total[1m])"
_BUCKETS = "rate(db_client_operation_duration_seconds_bucket[5m])"
_USED = 'db_client_connection_count{db_client_connection_state="used"}'
CURVES: tuple[Curve, ...] = (
    Curve("alerts", 'count(ALERTS{alertstate="firing"})', (), "alerts firing, last hour"),
    Curve("slow", _sum((), _SLOW), (), "slow calls a minute, last hour"),
    Curve("statements", _sum(_CALL, _SLOW), _CALL, "slow calls a minute, last hour"),
    Curve("p95", f"histogram_quantile(0.95, {_sum(('le',), _BUCKETS)})", (), "95th percentile, last hour"),
    Curve("pools", _sum(_POOL, _USED), _POOL, "connections used, last hour"),
    Curve("blocked", "sum(otelmon_postgresql_blocked_count)", (), "blocked sessions, last hour"),
    Curve("sessions", "sum(otelmon_postgresql_connection_count)", (), "sessions, last hour"),
    Curve(
        "github",
        _sum(_BUDGET, "otelmon_github_rate_limit_remaining", "min"),
        _BUDGET,
        "requests left, last hour",
    ),
    Curve("caches", _ratio(_CACHE), _CACHE, "hit ratio, last hour"),
    Curve("lost", _sum((), "increase(otelmon_spans_lost_total[1m])"), (), "spans lost a minute, last hour"),
)
Curves = dict[tuple[str, tuple[str, ...]], "Sparkline"]


async def read_curves(client: httpx.AsyncClient, store: str, now: float) -> Curves:
    """Returns every curve that the store can draw; one that it cannot is absent.

    Args:
        client: of ``overview.asking.client()``.
        store: address of VictoriaMetrics or Prometheus.
        now: unix seconds, where the curves end.
    """
    # On whole steps, so that a curve does not tremble from one reading to the next.
    end = now - now % STEP_SECONDS
    asked = (over_time(client, store, each.expression, end, LAST_SECONDS, STEP_SECONDS) for each in CURVES)
    results = await asyncio.gather(*asked)
    lines = [
        (key(curve.name, curve.by, series.labels), sparkline(values(series, end), curve.words))
        for curve, result in zip(CURVES, results, strict=True)
        for series in result.series[:MOST_CURVES]
    ]
    return {found: line for found, line in lines if line is not None}


def key(name: str, by: tuple[str, ...], labels: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Returns under what a curve is found."""
    return name, tuple(labels.get(each, "") for each in by)


def curve_of(curves: Curves, name: str, labels: Mapping[str, str] | None = None) -> Sparkline | None:
    """Returns the curve of a row, or None."""
    by = next(each.by for each in CURVES if each.name == name)
    return curves.get(key(name, by, labels or {}))


def values(series: Series, end: float) -> list[float | None]:
    """Returns one value a step, None where the series has none."""
    begin = end - LAST_SECONDS
    known = {round((at - begin) / STEP_SECONDS): value for at, value in series.points}
    return [known.get(place) for place in range(POINTS)]
