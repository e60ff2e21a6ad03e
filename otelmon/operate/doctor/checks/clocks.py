"""Whether the clocks of the back ends agree with this machine's."""

from __future__ import annotations

import email.utils
import time
from typing import TYPE_CHECKING

import httpx

from otelmon.operate.doctor.result import Result
from otelmon.operate.overview.asking import SECONDS_TO_ANSWER

if TYPE_CHECKING:
    from otelmon.operate.overview.addresses import Addresses

# The header has whole seconds; a trace whose spans are two seconds apart by mistake cannot be read.
MOST_SECONDS = 2.0
FIX = "let both machines take the time by NTP (chrony, systemd-timesyncd)"


async def clocks(client: httpx.AsyncClient, addresses: Addresses) -> list[Result]:
    """Returns for each back end that answers how far its clock is from ours."""
    places = {"Jaeger": addresses.jaeger, "metrics store": addresses.metrics, "Alertmanager": addresses.alertmanager}
    found = [await _clock(client, name, url) for name, url in places.items()]
    return [each for each in found if each is not None]


async def _clock(client: httpx.AsyncClient, name: str, url: str) -> Result | None:
    """Returns nothing for who does not answer or does not tell the time: that is no matter of clocks."""
    before = time.time()
    try:
        said = (await client.get(url, timeout=SECONDS_TO_ANSWER)).headers.get("date", "")
        there = email.utils.parsedate_to_datetime(said).timestamp()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, TypeError):
        return None
    return judged(f"clock of {name}", there - before, there - time.time())


def judged(name: str, since_asking: float, until_answered: float) -> Result:
    """Returns what two differences mean, the time on the way being between them.

    Args:
        name: of the clock.
        since_asking: its time less ours before it was asked.
        until_answered: its time less ours afterwards.
    """
    off = since_asking if until_answered > 0 else until_answered if since_asking < 0 else 0.0
    # The time on the way, and the part of a second that the header leaves out, count for nobody.
    off = off - 1.0 if off > 1.0 else off + 1.0 if off < -1.0 else 0.0
    if abs(off) > MOST_SECONDS:
        return Result("clock", name, "finding", f"is {off:+.0f} s from this machine's", FIX)
    return Result("clock", name, "ok", "agrees with this machine's within seconds")
