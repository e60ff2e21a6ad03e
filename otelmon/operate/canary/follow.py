"""Follows one canary until it is behind every hop, or its time is over."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from otelmon.operate.canary.hops import HOPS, SENTRY, TAKEN_BY_SENTRY, Canary, look, value
from otelmon.operate.overview.asking import client

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from otelmon.operate.overview.addresses import Addresses

SECONDS_BETWEEN_LOOKS = 0.5


@dataclass(slots=True)
class Passage:
    """Holds how far one canary came: seconds until it was found by hop, and why it was not by hop.

    A hop that was not asked for stands in neither.
    """

    trace_id: str
    sent_at: float
    seconds: dict[str, float] = field(default_factory=dict)
    missed: dict[str, str] = field(default_factory=dict)


async def follow(
    send: Callable[[], int], service: str, addresses: Addresses, deadline: float, hops: tuple[str, ...] = HOPS
) -> Passage:
    """Sends one canary and looks for it behind hops.

    Args:
        send: sends one, as far as the first hop, and returns its trace id; 0 where the SDK is switched off.
        service: the service.name under which it is sent.
        addresses: of the back ends.
        deadline: seconds until what has not been found counts as missed.
        hops: behind which it must come; out of ``HOPS``.
    """
    async with client() as asking:
        before = (await value(asking, addresses.metrics, TAKEN_BY_SENTRY))[0] if SENTRY in hops else None
        sent_at = time.time()
        trace_id = await asyncio.to_thread(send)
        passage = Passage(f"{trace_id:032x}", sent_at)
        canary = Canary(passage.trace_id, sent_at, service, before)
        reasons = await _look_until(sent_at + deadline, asking, addresses, canary, passage, hops)
    left = [hop for hop in hops if hop not in passage.seconds]
    passage.missed = {hop: reasons.get(hop) or f"not there after {deadline:g} s" for hop in left}
    return passage


async def _look_until(  # noqa: PLR0913, PLR0917 - what is looked for, where, and how long
    end: float,
    asking: httpx.AsyncClient,
    addresses: Addresses,
    canary: Canary,
    passage: Passage,
    hops: tuple[str, ...],
) -> dict[str, str]:
    """Looks until everything was found or the time is over; returns why somebody could not be asked."""
    while True:
        reasons = await _look_once(asking, addresses, canary, passage, hops)
        if len(passage.seconds) == len(hops) or time.time() >= end:
            return reasons
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)


async def _look_once(
    asking: httpx.AsyncClient, addresses: Addresses, canary: Canary, passage: Passage, hops: tuple[str, ...]
) -> dict[str, str]:
    """Writes down what is found for the first time, and returns why somebody could not be asked."""
    seen = await look(asking, addresses, canary)
    waited = time.time() - canary.sent_at
    passage.seconds |= {hop: waited for hop in hops if hop in seen.found and hop not in passage.seconds}
    return seen.reasons
