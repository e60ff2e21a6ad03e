"""Whether Sentry takes what the Collector sends: asked with the Collector's own address and key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from otelmon.operate.doctor.result import Result
from otelmon.operate.overview.addresses import without_credentials
from otelmon.operate.overview.asking import SECONDS_TO_ANSWER
from otelmon.operate.overview.prometheus import instant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from otelmon.operate.overview.addresses import Addresses

SENTRY = "Sentry"
ENDPOINT, KEY = "OTELMON_COLLECTOR_SENTRY_ENDPOINT", "OTELMON_COLLECTOR_SENTRY_KEY"
FAILED = 'sum(increase(otelcol_exporter_send_failed_spans_total{exporter=~".*sentry.*"}[5m]))'
GOOD = range(200, 300)
FIXES = {
    401: f"{KEY} is no key of Sentry's, or none: copy the public key of the project's DSN",
    403: f"{KEY} is not the key of the project in {ENDPOINT}: copy both from the same DSN",
    404: f"{ENDPOINT} is no OTLP address: it ends in /api/<project>/integration/otlp",
    413: "nothing to mend: an empty request is never too large; what answers is not Sentry",
    429: "the project's quota is used up: wait, raise it, or lower OTELMON_COLLECTOR_SENTRY_FIRST",
}


async def sentry(client: httpx.AsyncClient, addresses: Addresses, environment: Mapping[str, str]) -> Result:
    """Sends an empty request, which Sentry answers and does not count, with the key that the Collector uses."""
    endpoint = environment.get(ENDPOINT, "").strip().rstrip("/")
    if not endpoint:
        return await _by_the_collector(client, addresses)
    there = without_credentials(endpoint)
    headers = {
        "x-sentry-auth": f"sentry sentry_key={environment.get(KEY, '').strip()}",
        "content-type": "application/x-protobuf",
    }
    try:
        answer = await client.post(f"{endpoint}/v1/traces", content=b"", headers=headers, timeout=SECONDS_TO_ANSWER)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        seen = f"{there} does not answer ({type(error).__name__})"
        return Result("way", SENTRY, "finding", seen, f"see {ENDPOINT}, and whether this machine may reach it")
    if answer.status_code in GOOD:
        return Result("way", SENTRY, "ok", f"{there} takes our key")
    fix = FIXES.get(answer.status_code, "see Sentry's status page")
    return Result("way", SENTRY, "finding", f"{there} answers {answer.status_code}", fix)


async def _by_the_collector(client: httpx.AsyncClient, addresses: Addresses) -> Result:
    """Tells what the Collector says of its exporter to Sentry, where its address is not known here."""
    failed = await instant(client, addresses.metrics, FAILED)
    if failed.series and failed.series[0].points and failed.series[0].points[-1][1] > 0:
        count = failed.series[0].points[-1][1]
        fix = f"run the doctor with the Collector's {ENDPOINT} and {KEY} to learn why"
        return Result("way", SENTRY, "finding", f"the Collector could not deliver {count:.0f} spans within 5 min", fix)
    return Result("way", SENTRY, "unknown", f"not asked: {ENDPOINT} is not set here; the Collector reports no failure")
