"""Asks Jaeger for the latest spans that were kept for being slow or failed."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING

from otelmon.operate.overview.asking import get
from otelmon.operate.overview.documents import items, mapping, number
from otelmon.operate.overview.values import SlowSpan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import httpx

    from otelmon.operate.overview.asking import Answer

KEEP = "otelmon.keep"
MOST_SERVICES = 10
TRACES_A_SERVICE = 20
MOST_SPANS = 20
LOOK_BACK_SECONDS = 3600
MICROSECONDS = 1_000_000


async def slow_spans(
    client: httpx.AsyncClient, address: str, keep: str = "slow_db"
) -> tuple[Answer, tuple[SlowSpan, ...]]:
    """Returns spans of the last hour that were kept for a reason, the slowest first.

    Args:
        client: of ``asking.client()``.
        address: of Jaeger's query API.
        keep: the value of ``otelmon.keep``.
    """
    answer = await get(client, f"{address}/api/services")
    if answer.reason:
        return answer, ()
    named = mapping(answer.document).get("data")
    services = [each for each in named if isinstance(each, str)] if isinstance(named, list) else []
    answers = await asyncio.gather(*(_traces(client, address, each, keep) for each in services[:MOST_SERVICES]))
    found = [span for each in answers for span in _spans(each.document, address, keep)]
    failed = next((each for each in answers if each.reason), answer)
    return failed, tuple(sorted(found, key=lambda span: -span.seconds)[:MOST_SPANS])


async def _traces(client: httpx.AsyncClient, address: str, service: str, keep: str) -> Answer:
    end = int(time.time() * MICROSECONDS)
    query = {
        "service": service,
        "tags": json.dumps({KEEP: keep}),
        "limit": str(TRACES_A_SERVICE),
        "start": str(end - LOOK_BACK_SECONDS * MICROSECONDS),
        "end": str(end),
    }
    return await get(client, f"{address}/api/traces", query)


def _spans(document: object, address: str, keep: str) -> Iterator[SlowSpan]:
    for trace in items(mapping(document).get("data")):
        spans = ((span, _tags(span)) for span in items(trace.get("spans")))
        kept = ((span, tags) for span, tags in spans if tags.get(KEEP) == keep)
        yield from (_slow(span, tags, _service(trace, span), address) for span, tags in kept)


def _tags(span: Mapping[str, object]) -> dict[str, object]:
    return {str(tag.get("key")): tag.get("value") for tag in items(span.get("tags"))}


def _service(trace: Mapping[str, object], span: Mapping[str, object]) -> str:
    process = mapping(trace.get("processes")).get(str(span.get("processID")))
    return str(mapping(process).get("serviceName") or "")


def _slow(span: Mapping[str, object], tags: Mapping[str, object], service: str, address: str) -> SlowSpan:
    began, lasted = number(span.get("startTime")) or 0.0, number(span.get("duration")) or 0.0
    trace_id = str(span.get("traceID", ""))
    return SlowSpan(
        trace_id,
        str(span.get("spanID", "")),
        service,
        str(span.get("operationName", "")),
        str(tags.get(KEEP, "")),
        lasted / MICROSECONDS,
        (began + lasted) / MICROSECONDS,
        _line(tags),
        f"{address}/trace/{trace_id}",
    )


def _line(tags: Mapping[str, object]) -> str:
    """Returns the application's calling line as one text, empty where it is not known."""
    path = str(tags.get("code.file.path", ""))
    if not path:
        return ""
    return f"{tags.get('code.function.name', '')} {path.rpartition('/')[2]}:{tags.get('code.line.number', '')}"
