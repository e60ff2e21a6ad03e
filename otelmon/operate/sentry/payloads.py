"""Writes monitors and alerts as Sentry's API takes them, and reads what it answers back into the same form.

Source: getsentry/sentry-api-schema 0.272.0, operations createOrganizationProjectDetector, listOrganizationDetectors,
createOrganizationWorkflow and listOrganizationWorkflows; what is relied on: tests/unit/operate_sentry/api.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from otelmon.operate.sentry.definitions import PRIORITIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from otelmon.operate.sentry.definitions import Alert, Monitor

Document = dict[str, Any]
Answer = Mapping[str, Any]
RESOLVED = 0
MONITOR_TYPE = "metric_issue"
# Both numbers as the API's examples have them: events are asked of another store than spans and logs.
_QUERY_TYPES = {"events": 0, "events_analytics_platform": 1}
_ABOVE_AND_BELOW = 2
_QUERY_FIELDS = ("aggregate", "dataset", "environment", "eventTypes", "query", "timeWindow")


def monitor_body(monitor: Monitor) -> Document:
    """Returns the request that makes or changes a monitor."""
    config: dict[str, Any] = {"detectionType": monitor.detection}
    if monitor.compared_s is not None:
        config["comparisonDelta"] = monitor.compared_s
    return {
        "name": monitor.name,
        "type": MONITOR_TYPE,
        "description": monitor.description,
        "enabled": True,
        "owner": monitor.owner,
        "dataSources": [
            {
                "aggregate": monitor.aggregate,
                "dataset": monitor.dataset,
                "environment": monitor.environment,
                "eventTypes": list(monitor.event_types),
                "query": monitor.query,
                "queryType": _QUERY_TYPES[monitor.dataset],
                "timeWindow": monitor.window_s,
            }
        ],
        "conditionGroup": {"logicType": "any", "conditions": _conditions(monitor)},
        "config": config,
    }


def _conditions(monitor: Monitor) -> list[dict[str, Any]]:
    if monitor.detection == "dynamic":
        comparison = {"seasonality": "auto", "sensitivity": monitor.sensitivity, "thresholdType": _ABOVE_AND_BELOW}
        return [_condition("anomaly_detection", comparison, PRIORITIES["high"])]
    found = [_condition("gt", monitor.high, PRIORITIES["high"])]
    if monitor.medium is not None:
        found.append(_condition("gt", monitor.medium, PRIORITIES["medium"]))
    lowest = monitor.high if monitor.medium is None else monitor.medium
    return [*found, _condition("lte", lowest, RESOLVED)]


def _condition(kind: str, comparison: object, result: object) -> dict[str, Any]:
    return {"type": kind, "comparison": comparison, "conditionResult": result}


def alert_body(alert: Alert, detector_ids: Sequence[int]) -> Document:
    """Returns the request that makes or changes an alert.

    Args:
        alert: as defined.
        detector_ids: of its monitors.
    """
    return {
        "name": alert.name,
        "enabled": True,
        "owner": alert.owner,
        "environment": alert.environment,
        "config": {"frequency": alert.every_min},
        "detectorIds": sorted(detector_ids),
        "triggers": {
            "logicType": "any-short",
            "conditions": [_condition(each, True, True) for each in alert.when],
            "actions": [],
        },
        "actionFilters": [
            {
                "logicType": "all",
                "conditions": [
                    _condition("issue_priority_greater_or_equal", PRIORITIES[alert.priority_at_least], True)
                ],
                "actions": [_email(alert.email)],
            }
        ],
    }


def _email(target: str) -> dict[str, Any]:
    kind, _, number = target.partition(":")
    return {
        "type": "email",
        "integrationId": None,
        "data": {} if number else {"fallthroughType": "ActiveMembers"},
        "config": {"targetType": kind, "targetDisplay": None, "targetIdentifier": number or None},
        "status": "active",
    }


def monitor_as_it_is(answer: Answer) -> Document:
    """Returns what a monitor of Sentry's list says, in the form of a request."""
    sources = answer.get("dataSources") or [{}]
    query = ((sources[0].get("queryObj") or {}).get("snubaQuery")) or {}
    source = {name: query.get(name) for name in _QUERY_FIELDS}
    config = answer.get("config") or {}
    return {
        "name": answer.get("name"),
        "type": answer.get("type"),
        "description": answer.get("description"),
        "enabled": answer.get("enabled"),
        "owner": _owner(answer.get("owner")),
        "dataSources": [{**source, "queryType": _QUERY_TYPES.get(str(source["dataset"]))}],
        "conditionGroup": _group(answer.get("conditionGroup")),
        "config": {name: value for name, value in config.items() if value is not None},
    }


def alert_as_it_is(answer: Answer) -> Document:
    """Returns what an alert of Sentry's list says, in the form of a request."""
    filters = answer.get("actionFilters") or []
    return {
        "name": answer.get("name"),
        "enabled": answer.get("enabled"),
        "owner": answer.get("owner"),
        "environment": answer.get("environment"),
        "config": answer.get("config"),
        "detectorIds": sorted(int(each) for each in answer.get("detectorIds") or []),
        "triggers": {**_group(answer.get("triggers")), "actions": []},
        "actionFilters": [
            {**_group(each), "actions": [_action(one) for one in each.get("actions") or []]} for each in filters
        ],
    }


def _owner(owner: object) -> str | None:
    return f"{owner['type']}:{owner['id']}" if isinstance(owner, dict) else None


def _group(group: Mapping[str, Any] | None) -> dict[str, Any]:
    known = group or {}
    return {
        "logicType": known.get("logicType"),
        "conditions": [
            _condition(str(each.get("type")), each.get("comparison"), each.get("conditionResult"))
            for each in known.get("conditions") or []
        ],
    }


def _action(action: Mapping[str, Any]) -> dict[str, Any]:
    return {name: action.get(name) for name in ("type", "integrationId", "data", "config", "status")}
