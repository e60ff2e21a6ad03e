"""Whether the canary has arrived in each back end; who is away is told from who has not got it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from otelmon.operate.doctor.result import Result
from otelmon.operate.overview import variables
from otelmon.operate.overview.addresses import without_credentials
from otelmon.operate.overview.asking import get
from otelmon.operate.overview.documents import items, mapping
from otelmon.operate.overview.prometheus import instant

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import httpx

    from otelmon.operate.doctor.canary import Planted
    from otelmon.operate.overview.addresses import Addresses

JAEGER, STORE = "Jaeger", "metrics store"
# The Collector decides on a trace after 10 s, and kept spans do not wait for that; metrics pass two batches.
SECONDS_TO_ARRIVE = 20.0
SECONDS_BETWEEN_LOOKS = 0.5


async def jaeger(client: httpx.AsyncClient, addresses: Addresses, planted: Planted, seconds: float) -> Result:
    """Follows the span to Jaeger."""
    there = without_credentials(addresses.jaeger)
    away = await get(client, f"{addresses.jaeger}/api/services")
    if away.reason:
        fix = f"start Jaeger, or set {variables.JAEGER_URL} to its query address"
        return Result("way", JAEGER, "finding", f"{there}: {away.reason}", fix)
    if not planted.delivered:
        return Result("way", JAEGER, "unknown", "it answers; the canary did not get past the Collector")

    async def arrived() -> bool:
        answer = await get(client, f"{addresses.jaeger}/api/traces/{planted.trace_id}")
        return any(True for _ in items(mapping(answer.document).get("data")))

    began = time.monotonic()
    if await _until(arrived, seconds):
        return Result("way", JAEGER, "ok", f"the span was there after {time.monotonic() - began:.1f} s")
    fix = "see OTELMON_COLLECTOR_JAEGER_ENDPOINT and `otelcol_exporter_send_failed_spans_total` of otlp_http/jaeger"
    return Result("way", JAEGER, "finding", f"the Collector took the span, but it is not at {there}", fix)


async def metrics_store(client: httpx.AsyncClient, addresses: Addresses, planted: Planted, seconds: float) -> Result:
    """Follows a metric of the canary's process to the store."""
    there = without_credentials(addresses.metrics)
    away = await instant(client, addresses.metrics, "vector(1)")
    if away.reason:
        fix = f"start VictoriaMetrics or Prometheus, or set {variables.METRICS_URL} to its address"
        return Result("way", STORE, "finding", f"{there}: {away.reason}", fix)
    trouble = planted.troubles.get("metrics")
    if not planted.started or trouble:
        return Result("way", STORE, "unknown", f"it answers; metrics did not get past the Collector ({trouble})")

    sent = f'otelmon_spans_started_total{{service_instance_id="{planted.instance}"}}'

    async def arrived() -> bool:
        return bool((await instant(client, addresses.metrics, sent)).series)

    began = time.monotonic()
    if await _until(arrived, seconds):
        return Result("way", STORE, "ok", f"a metric was there after {time.monotonic() - began:.1f} s")
    fix = (
        "see OTELMON_COLLECTOR_METRICS_ENDPOINT and `otelcol_exporter_send_failed_metric_points_total`; "
        "VictoriaMetrics needs -opentelemetry.usePrometheusNaming"
    )
    return Result("way", STORE, "finding", f"the Collector took the metric, but it is not at {there}", fix)


async def _until(look: Callable[[], Awaitable[bool]], seconds: float) -> bool:
    """Looks again and again until there is something, or the time is over."""
    end = time.monotonic() + seconds
    while True:
        if await look():
            return True
        if time.monotonic() >= end:
            return False
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
