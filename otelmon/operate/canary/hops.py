"""What stands behind each hop, and how a canary is looked for there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from otelmon.operate.overview.asking import get
from otelmon.operate.overview.documents import items, mapping, number
from otelmon.watch.canary import KEPT, SAMPLED

if TYPE_CHECKING:
    import httpx

    from otelmon.operate.overview.addresses import Addresses

# By which way a trace came to Jaeger; the metrics that the Collector makes of it; what Sentry has taken of it.
JAEGER_KEPT, JAEGER_SAMPLED, METRICS, SENTRY = "jaeger_kept", "jaeger_sampled", "metrics", "sentry"
HOPS = (JAEGER_KEPT, JAEGER_SAMPLED, METRICS, SENTRY)
NEWEST_IN_STORE = 'max(otelmon_collector_canary_seconds{{service_name="{service}"}})'
TAKEN_BY_SENTRY = 'sum(otelcol_exporter_sent_spans_total{exporter=~"otlp_http/sentry.*"})'
NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Canary:
    """Holds what is looked for: the trace, when it was sent in unix seconds, and what Sentry had taken before."""

    trace_id: str
    sent_at: float
    service: str
    sentry_before: float | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """Holds the hops behind which a canary is, and why somebody could not be asked."""

    found: frozenset[str]
    reasons: dict[str, str]


async def look(client: httpx.AsyncClient, addresses: Addresses, canary: Canary) -> Look:
    """Looks everywhere once."""
    found: set[str] = set()
    reasons: dict[str, str] = {}
    names, reason = await _names_in_jaeger(client, addresses.jaeger, canary.trace_id)
    found |= {hop for hop, name in ((JAEGER_KEPT, KEPT), (JAEGER_SAMPLED, SAMPLED)) if name in names}
    reasons |= dict.fromkeys((JAEGER_KEPT, JAEGER_SAMPLED), reason)
    newest, reasons[METRICS] = await value(client, addresses.metrics, NEWEST_IN_STORE.format(service=canary.service))
    if newest is not None and newest >= int(canary.sent_at):
        found.add(METRICS)
    taken, reasons[SENTRY] = await value(client, addresses.metrics, TAKEN_BY_SENTRY)
    if taken is not None and taken > (canary.sentry_before or 0.0):
        found.add(SENTRY)
    return Look(frozenset(found), {hop: why for hop, why in reasons.items() if why})


async def value(client: httpx.AsyncClient, address: str, query: str) -> tuple[float | None, str]:
    """Returns the one value of a query to the metrics store, None where there is none, and why nobody answered."""
    answer = await get(client, f"{address}/api/v1/query", {"query": query})
    if answer.reason:
        return None, answer.reason
    result = mapping(mapping(answer.document).get("data")).get("result")
    values = [each.get("value") for each in items(result)]
    pair = values[0] if values else None
    return (number(pair[1]) if isinstance(pair, list) and len(pair) > 1 else None), ""


async def _names_in_jaeger(client: httpx.AsyncClient, address: str, trace_id: str) -> tuple[set[str], str]:
    answer = await get(client, f"{address}/api/traces/{trace_id}")
    if answer.status == NOT_FOUND:
        return set(), ""
    traces = items(mapping(answer.document).get("data"))
    return {str(span.get("operationName")) for trace in traces for span in items(trace.get("spans"))}, answer.reason
