"""Asks Alertmanager which alerts are open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate.overview.asking import get
from otelmon.operate.overview.documents import items, mapping, texts, unix_seconds
from otelmon.operate.overview.values import Alert

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from otelmon.operate.overview.asking import Answer
    from otelmon.operate.overview.values import AlertState

# The most urgent first; what an operator has named otherwise comes behind them.
SEVERITIES = ("critical", "warning", "info")


async def open_alerts(client: httpx.AsyncClient, address: str) -> tuple[Answer, tuple[Alert, ...]]:
    """Returns the open alerts, the most urgent and then the oldest first, silenced and inhibited ones at the end."""
    answer = await get(client, f"{address}/api/v2/alerts")
    if answer.reason:
        return answer, ()
    return answer, tuple(sorted((_alert(each) for each in items(answer.document)), key=_urgency))


def _alert(document: Mapping[str, object]) -> Alert:
    labels = texts(document.get("labels"))
    return Alert(
        labels.get("alertname", ""),
        labels.get("severity", ""),
        _state(mapping(document.get("status")).get("state")),
        unix_seconds(document.get("startsAt")),
        labels,
        texts(document.get("annotations")),
    )


def _state(text: object) -> AlertState:
    if text == "active":
        return "active"
    return "suppressed" if text == "suppressed" else "unprocessed"


def _urgency(alert: Alert) -> tuple[bool, int, float, str]:
    rank = SEVERITIES.index(alert.severity) if alert.severity in SEVERITIES else len(SEVERITIES)
    return alert.state == "suppressed", rank, alert.since or 0.0, alert.name
