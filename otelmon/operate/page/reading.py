"""Reads all sources again and again, beside the answering of requests, which only ever take the newest snapshot."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from otelmon.operate.overview import asking
from otelmon.operate.overview.read import JAEGER, METRICS, read
from otelmon.operate.page.curves import read_curves
from otelmon.operate.page.snapshot import Snapshot, merged
from otelmon.operate.page.traces import page_of_jaeger

if TYPE_CHECKING:
    import httpx

    from otelmon.operate.overview.addresses import Addresses


class Reader:
    """Holds the newest snapshot; None until the first reading is over."""

    def __init__(self, addresses: Addresses, every: float) -> None:
        self.addresses = addresses
        self.every = every
        self.newest: Snapshot | None = None
        self._began = time.time()

    async def go_on(self) -> None:
        """Reads for ever, at a fixed beat; a reading that takes longer puts the next one off."""
        async with asking.client() as client:
            while True:
                began = time.monotonic()
                self.newest = merged(self.newest, await self.read_once(client))
                await asyncio.sleep(max(self.every - (time.monotonic() - began), self.every / 10))

    async def read_once(self, client: httpx.AsyncClient) -> Snapshot:
        """Returns what every source says now; each has a time limit of its own."""
        overview = await read(client, self.addresses)
        metrics, jaeger = overview.source(METRICS), overview.source(JAEGER)
        curves = await read_curves(client, self.addresses.metrics, overview.read_at) if metrics and metrics.up else {}
        page = await page_of_jaeger(client, self.addresses) if jaeger and jaeger.up else ""
        return Snapshot(overview, curves, {}, page)

    def behind(self, now: float) -> float:
        """Returns the seconds since the newest snapshot was begun, or since the start where there is none."""
        return now - (self.newest.overview.read_at if self.newest else self._began)
