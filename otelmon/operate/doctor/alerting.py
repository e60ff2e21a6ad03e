"""Whether alerts are evaluated, and whether Alertmanager takes one."""

from __future__ import annotations

import asyncio
import secrets
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import httpx

from otelmon.operate.doctor.result import Result
from otelmon.operate.overview import variables
from otelmon.operate.overview.addresses import without_credentials
from otelmon.operate.overview.asking import SECONDS_TO_ANSWER, get
from otelmon.operate.overview.documents import items, mapping, number, texts, unix_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from otelmon.operate.overview.addresses import Addresses

RULES, ALERTS = "alert rules", "Alertmanager"
CANARY = "OtelmonDoctorCanary"
# Over before any group of alerts is first told of (group_wait 5 s), so that nobody is called.
SECONDS_OPEN = 3.0
SECONDS_TO_BE_SEEN = 2.5
# A group that was not evaluated for so many of its intervals is not evaluated any more.
INTERVALS = 3


async def rules(client: httpx.AsyncClient, addresses: Addresses, now: float) -> Result:
    """Tells whether vmalert, or Prometheus, has rules and evaluates them."""
    there = without_credentials(addresses.vmalert)
    answer = await get(client, f"{addresses.vmalert}/api/v1/rules")
    if answer.reason:
        fix = f"start vmalert with alerts/rules/*.yml, or set {variables.VMALERT_URL} to its address"
        return Result("way", RULES, "finding", f"{there}: {answer.reason}", fix)
    groups = list(items(mapping(mapping(answer.document).get("data")).get("groups")))
    found = [rule for group in groups for rule in items(group.get("rules"))]
    if not found:
        return Result("way", RULES, "finding", f"{there} has no rules", "start it with -rule=alerts/rules/*.yml")
    broken = [rule for rule in found if rule.get("lastError")]
    if broken:
        seen = f"{len(broken)} of {len(found)} rules fail, the first is {broken[0].get('name')}"
        return Result("way", RULES, "finding", seen, "see whether its -datasource.url answers, then its rule")
    late = [group for group in groups if _is_late(group, now)]
    if late:
        seen = f"group {late[0].get('name')} is not evaluated any more"
        return Result("way", RULES, "finding", seen, "see vmalert's log, and whether its data source hangs")
    return Result("way", RULES, "ok", f"{len(found)} rules are evaluated")


def _is_late(group: Mapping[str, object], now: float) -> bool:
    times = [at for rule in items(group.get("rules")) if (at := unix_seconds(rule.get("lastEvaluation"))) is not None]
    interval = number(group.get("interval")) or 60.0
    # Year one is what Go writes for never; a group that has just been started has not been evaluated yet.
    return bool(times) and max(times) > 0 and now - max(times) > INTERVALS * interval + 30.0


async def alertmanager(client: httpx.AsyncClient, addresses: Addresses) -> Result:
    """Gives Alertmanager an alert that is over at once, and reads it back."""
    there = without_credentials(addresses.alertmanager)
    fix = f"start Alertmanager, or set {variables.ALERTMANAGER_URL} to its address"
    identity = secrets.token_hex(8)
    now = time.time()
    alert = {
        "labels": {"alertname": CANARY, "severity": "none", "otelmon_canary": identity},
        "annotations": {"summary": "otelmon doctor looks whether alerts are taken; over at once, nobody is called"},
        "startsAt": _rfc3339(now),
        "endsAt": _rfc3339(now + SECONDS_OPEN),
    }
    url = f"{addresses.alertmanager}/api/v2/alerts"
    try:
        taken = await client.post(url, json=[alert], timeout=SECONDS_TO_ANSWER)
    except (httpx.HTTPError, httpx.InvalidURL):
        away = await get(client, url)
        return Result("way", ALERTS, "finding", f"{there}: {away.reason or 'no answer'}", fix)
    if not taken.is_success:
        return Result("way", ALERTS, "finding", f"{there} answers {taken.status_code} to an alert", fix)
    end = time.monotonic() + SECONDS_TO_BE_SEEN
    while time.monotonic() < end:
        answer = await get(client, url)
        if any(texts(each.get("labels")).get("otelmon_canary") == identity for each in items(answer.document)):
            return Result("way", ALERTS, "ok", f"{there} took an alert and shows it")
        await asyncio.sleep(0.2)
    return Result("way", ALERTS, "finding", f"{there} took an alert and does not show it", "see Alertmanager's log")


def _rfc3339(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat()
