"""Asks Jaeger for traces, one at a time or by search, and finds out whether it has a page of its own."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from otelmon.operate.overview.addresses import without_credentials
from otelmon.operate.overview.asking import get
from otelmon.operate.overview.documents import items, mapping
from otelmon.operate.page.spans import MICROSECONDS, spans, traces

if TYPE_CHECKING:
    from otelmon.operate.overview.addresses import Addresses
    from otelmon.operate.page.spans import Span

SECONDS_TO_ANSWER = 2.5
LOOK_BACKS = {"15m": 900, "1h": 3600, "6h": 21_600, "24h": 86_400, "3d": 259_200}
MOST_FOUND = 50
MOST_SERVICES = 200
NOT_FOUND = 404
# A build without the page answers with a text that says so; the real page is a program whose root has this id.
MARK_OF_THE_PAGE = 'id="jaeger-ui-root"'
MOST_OF_A_PAGE = 200_000


@dataclass(frozen=True, slots=True)
class Found:
    """Holds the traces of an answer; ``reason`` says why there is none, empty where Jaeger has answered."""

    traces: tuple[tuple[Span, ...], ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Holds what is searched for; empty fields are not asked for."""

    service: str = ""
    operation: str = ""
    keep: str = ""
    longer_than_ms: int = 0
    look_back: str = "1h"


async def one_trace(client: httpx.AsyncClient, jaeger: str, trace_id: str) -> Found:
    """Returns a trace by its id, which must be hexadecimal."""
    answer = await get(client, f"{jaeger}/api/traces/{trace_id}", seconds=SECONDS_TO_ANSWER)
    if answer.status == NOT_FOUND:
        return Found((), "")
    if answer.reason:
        return Found((), answer.reason)
    # A trace can have 100,000 spans: whoever else asks for a page does not wait for it.
    found = await asyncio.to_thread(lambda: [span for each in traces(answer.document) for span in each])
    return Found((tuple(found),) if found else (), "")


async def search(client: httpx.AsyncClient, jaeger: str, wanted: Wanted) -> Found:
    """Returns the newest traces of a service that are as wanted, the newest first."""
    end = int(time.time() * MICROSECONDS)
    length = LOOK_BACKS.get(wanted.look_back, LOOK_BACKS["1h"])
    query = {
        "service": wanted.service,
        "start": str(end - length * MICROSECONDS),
        "end": str(end),
        "limit": str(MOST_FOUND),
    }
    if wanted.operation:
        query["operation"] = wanted.operation
    if wanted.keep:
        query["tags"] = json.dumps({"otelmon.keep": wanted.keep})
    if wanted.longer_than_ms:
        query["minDuration"] = f"{wanted.longer_than_ms}ms"
    answer = await get(client, f"{jaeger}/api/traces", query, seconds=SECONDS_TO_ANSWER)
    if answer.reason:
        return Found((), answer.reason)
    documents = list(items(mapping(answer.document).get("data")))
    found = await asyncio.to_thread(lambda: [tuple(spans(each)) for each in documents])
    newest = sorted((each for each in found if each), key=lambda each: -min(span.start for span in each))
    return Found(tuple(newest), "")


async def services(client: httpx.AsyncClient, jaeger: str) -> tuple[str, ...]:
    """Returns the names of the services that Jaeger knows; none where it does not answer."""
    answer = await get(client, f"{jaeger}/api/services", seconds=SECONDS_TO_ANSWER)
    named = mapping(answer.document).get("data")
    return (
        tuple(sorted(each for each in named if isinstance(each, str))[:MOST_SERVICES])
        if isinstance(named, list)
        else ()
    )


async def page_of_jaeger(client: httpx.AsyncClient, addresses: Addresses) -> str:
    """Returns the address of Jaeger's own page as a browser reaches it, or nothing where it was built without one."""
    try:
        response = await asyncio.wait_for(client.get(f"{addresses.jaeger}/"), SECONDS_TO_ANSWER)
    except (asyncio.TimeoutError, httpx.HTTPError):
        return ""
    seen = addresses.jaeger_page or addresses.jaeger
    return without_credentials(seen) if MARK_OF_THE_PAGE in response.text[:MOST_OF_A_PAGE] else ""
