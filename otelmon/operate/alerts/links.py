"""Where an alert leads: its runbook, the dashboard that shows it, a search for traces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from otelmon.operate.alerts.rule import Rule

# Grafana knows a dashboard by this; dashboards/ is rendered with the same.
DASHBOARD_UID = "otelmon-{tier}"


@dataclass(frozen=True, slots=True)
class Places:
    """Holds the addresses that links begin with, without a slash at their end.

    Args:
        runbook: ``/<Alert>`` is added.
        dashboard: of Grafana; ``/d/<uid>`` is added.
        traces: a search of `otelmon page`, which leads on to Jaeger; the search is added.
    """

    runbook: str
    dashboard: str
    traces: str


# Where `otelmon page` and Grafana listen unless told otherwise.
DEFAULT_PLACES = Places("http://127.0.0.1:8088/runbook", "http://127.0.0.1:3000", "http://127.0.0.1:8088/traces")


def is_place(value: object) -> bool:
    """Returns whether links can begin with a value; one with a password or a query cannot."""
    if not isinstance(value, str):
        return False
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return usable and not (parts.username or parts.query or parts.fragment) and not set("{}\n ") & set(value)


def links(rule: Rule, places: Places) -> dict[str, str]:
    """Returns the annotations of a rule that are links; there is no search where traces would not help."""
    found = {
        "runbook_url": f"{places.runbook}/{rule.alert}",
        "dashboard_url": f"{places.dashboard}/d/{DASHBOARD_UID.format(tier=rule.tier)}?from=now-1h&to=now",
    }
    if rule.keep:
        service = "{{ $labels.service_name | urlquery }}"
        found["traces_url"] = f"{places.traces}?service={service}&keep={rule.keep}&since=1h"
    return found
