"""Caches of applications that answer less than they used to."""

from __future__ import annotations

from otelmon.operate.alerts.promql import ENVIRONMENT, total
from otelmon.operate.alerts.rule import Rule

# The version is left out: a new one is compared with what the old one reached.
CACHE = f"service_name, {ENVIRONMENT}, cache_name"
ALL = "otelmon_cache_requests_total"
# A stale answer is an answer, as for otelmon.cache.degraded.
HITS = ALL + '{result=~"hit|stale_hit"}'
AGO = "${usual_offset_seconds}s"
NOW = f"({total(HITS, CACHE, '2m')} / {total(ALL, CACHE, '2m')})"
USUAL = f"({total(HITS, CACHE, '1h', AGO)} / {total(ALL, CACHE, '1h', AGO)})"

RULES = (
    Rule(
        alert="OtelmonCacheDegraded",
        severity="warning",
        group="caches",
        team="application",
        summary="the cache {{ $labels.cache_name }} of {{ $labels.service_name }} answers less than it used to",
        value=f"{USUAL}\n-\n{NOW}",
        compare=">=",
        limit="cache_fall",
        form="ratio",
        guard=f"{total(ALL, CACHE, '2m')} >= ${{cache_least_requests}}\n"
        f"and {total(ALL, CACHE, '1h', AGO)} >= ${{cache_least_requests}}",
        tier="performance",
    ),
)
