"""Reads every source at once; one that is away takes nothing from the others."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from otelmon.operate.overview.addresses import without_credentials
from otelmon.operate.overview.alertmanager import open_alerts
from otelmon.operate.overview.asking import client as new_client
from otelmon.operate.overview.jaeger import slow_spans
from otelmon.operate.overview.prometheus import instant
from otelmon.operate.overview.queries import SECTIONS, question
from otelmon.operate.overview.sections import section_of
from otelmon.operate.overview.status_pages import status_page
from otelmon.operate.overview.values import Overview, Source

if TYPE_CHECKING:
    import httpx

    from otelmon.operate.overview.addresses import Addresses
    from otelmon.operate.overview.asking import Answer
    from otelmon.operate.overview.values import Section

METRICS, ALERTMANAGER, JAEGER = "metrics", "alertmanager", "jaeger"


def read_now(addresses: Addresses) -> Overview:
    """Returns what every source says now; for callers without an event loop."""

    async def once() -> Overview:
        async with new_client() as client:
            return await read(client, addresses)

    return asyncio.run(once())


async def read(client: httpx.AsyncClient, addresses: Addresses) -> Overview:
    """Returns what every source says now, within a few seconds whatever they do.

    Args:
        client: of ``asking.client()``; kept open, it spares new connections.
        addresses: of the sources.
    """
    now = time.time()
    (source, sections), (asked_alerts, alerts), (asked_jaeger, slow), pages = await asyncio.gather(
        read_metrics(client, addresses.metrics, now),
        open_alerts(client, addresses.alertmanager),
        slow_spans(client, addresses.jaeger),
        asyncio.gather(*(status_page(client, url, addresses.status_token) for url in addresses.status)),
    )
    return Overview(
        now,
        (
            source,
            _source(ALERTMANAGER, addresses.alertmanager, asked_alerts),
            _source(JAEGER, addresses.jaeger, asked_jaeger),
            *(_source(page.kind, page.url, answer) for answer, page in pages),
        ),
        alerts,
        slow,
        sections,
        tuple(page for _, page in pages),
    )


def _source(name: str, url: str, answer: Answer) -> Source:
    return Source(name, without_credentials(url), answer.reason, answer.seconds)


async def read_metrics(client: httpx.AsyncClient, store: str, now: float) -> tuple[Source, dict[str, Section]]:
    """Returns every section that the store of metrics knows, and how it has answered.

    Args:
        client: of ``asking.client()``.
        store: address of VictoriaMetrics or Prometheus.
        now: unix seconds, from which ages count.
    """
    # One question first: a store that is away is not asked the others.
    first = await instant(client, store, "vector(1)")
    source = Source(METRICS, without_credentials(store), first.reason, first.seconds)
    if first.reason:
        return source, {name: section_of(name, first, now) for name in SECTIONS}
    results = await asyncio.gather(*(instant(client, store, question(name)) for name in SECTIONS))
    return source, {name: section_of(name, result, now) for name, result in zip(SECTIONS, results, strict=True)}
