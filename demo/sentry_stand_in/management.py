"""Monitors and alerts by the addresses of Sentry's API, kept in memory and answered in its shapes.

Source: getsentry/sentry-api-schema 0.272.0, listOrganizationDetectors and listOrganizationWorkflows.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

management = Blueprint("management", __name__)
ORGANIZATION = "/organizations/<organization>"
PAGE = 2


@dataclass
class Managed:
    """Holds detectors and workflows by id, every request that changed one, and the token that is asked for."""

    token: str
    detectors: dict[str, dict[str, Any]] = field(default_factory=dict)
    workflows: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    limited: int = 0
    ids: itertools.count[int] = field(default_factory=lambda: itertools.count(101))


def managed() -> Managed:
    """Returns what the running stand-in holds."""
    found: Managed = current_app.extensions["managed"]
    return found


@management.before_request
def check() -> Response | None:
    """Refuses a request without the token, and as many as were told to be too many."""
    if not request.path.startswith("/api/0/organizations/"):
        return None
    if request.headers.get("authorization") != f"Bearer {managed().token}":
        return answer({"detail": "Invalid token"}, HTTPStatus.UNAUTHORIZED)
    if managed().limited:
        managed().limited -= 1
        refused = answer({"detail": "You are attempting to use this endpoint too frequently"}, 429)
        refused.headers["retry-after"] = "0"
        return refused
    return None


def answer(document: object, status: int = HTTPStatus.OK) -> Response:
    """Returns a document as JSON."""
    response: Response = jsonify(document)
    response.status_code = status
    return response


def listed(kind: dict[str, dict[str, Any]]) -> Response:
    """Returns one page, with the address of the next in the header ``Link``, as Sentry does."""
    start = int(request.args.get("cursor", "0"))
    page = list(kind.values())[start : start + PAGE]
    response = answer(page)
    more = start + PAGE < len(kind)
    address = f"{request.base_url}?project={request.args.get('project', '')}&cursor={start + PAGE}"
    response.headers["link"] = f'<{address}>; rel="next"; results="{"true" if more else "false"}"'
    return response


@management.get(f"{ORGANIZATION}/detectors/")
def list_detectors(organization: str) -> Response:  # noqa: ARG001 - Flask passes it by name
    """Lists monitors."""
    return listed(managed().detectors)


@management.post(f"{ORGANIZATION}/projects/<project>/detectors/")
def make_detector(organization: str, project: str) -> Response:  # noqa: ARG001 - as above
    """Makes a monitor."""
    return kept(managed().detectors, str(next(managed().ids)), detector_of, HTTPStatus.CREATED)


@management.put(f"{ORGANIZATION}/detectors/<number>/")
def change_detector(organization: str, number: str) -> Response:  # noqa: ARG001 - as above
    """Changes a monitor."""
    return kept(managed().detectors, number, detector_of, HTTPStatus.OK)


@management.get(f"{ORGANIZATION}/workflows/")
def list_workflows(organization: str) -> Response:  # noqa: ARG001 - as above
    """Lists alerts."""
    return listed(managed().workflows)


@management.post(f"{ORGANIZATION}/workflows/")
def make_workflow(organization: str) -> Response:  # noqa: ARG001 - as above
    """Makes an alert."""
    return kept(managed().workflows, str(next(managed().ids)), workflow_of, HTTPStatus.CREATED)


@management.put(f"{ORGANIZATION}/workflows/<number>/")
def change_workflow(organization: str, number: str) -> Response:  # noqa: ARG001 - as above
    """Changes an alert."""
    return kept(managed().workflows, number, workflow_of, HTTPStatus.OK)


def kept(kind: dict[str, dict[str, Any]], number: str, shape: Any, status: int) -> Response:  # noqa: ANN401 - a function
    """Keeps what a request says and answers with it."""
    if request.method == "PUT" and number not in kind:
        return answer({"detail": "The requested resource does not exist"}, HTTPStatus.NOT_FOUND)
    body = request.get_json()
    managed().requests.append((request.method, request.path, body))
    if not body.get("name"):
        return answer({"name": ["This field is required."]}, HTTPStatus.BAD_REQUEST)
    kind[number] = shape(number, body)
    return answer(kind[number], status)


def numbered(group: dict[str, Any] | None) -> dict[str, Any] | None:
    """Returns a group of conditions with ids, as answers have them."""
    if group is None:
        return None
    conditions = [{"id": str(next(managed().ids)), **each} for each in group.get("conditions", [])]
    return {"id": str(next(managed().ids)), "organizationId": "1", "actions": [], **group, "conditions": conditions}


def detector_of(number: str, body: dict[str, Any]) -> dict[str, Any]:
    """Returns a monitor as Sentry answers: the query stands within a subscription, and has no query type."""
    sources = [
        {
            "id": str(next(managed().ids)),
            "type": "snuba_query_subscription",
            "queryObj": {"status": 0, "snubaQuery": {key: value for key, value in each.items() if key != "queryType"}},
        }
        for each in body.get("dataSources", [])
    ]
    kind, _, owner = (body.get("owner") or "").partition(":")
    return {
        "id": number,
        "projectId": "1",
        "name": body["name"],
        "type": body["type"],
        "description": body.get("description"),
        "enabled": body.get("enabled", True),
        "owner": {"type": kind, "id": owner, "name": "somebody"} if owner else None,
        "workflowIds": [],
        "dataSources": sources,
        "conditionGroup": numbered(body.get("conditionGroup")),
        "config": {"comparisonDelta": None, **body.get("config", {})},
    }


def workflow_of(number: str, body: dict[str, Any]) -> dict[str, Any]:
    """Returns an alert as Sentry answers."""
    filters = []
    for each in body.get("actionFilters", []):
        actions = [{"id": str(next(managed().ids)), **action} for action in each.get("actions", [])]
        filters.append({**(numbered(each) or {}), "actions": actions})
    return {
        "id": number,
        "organizationId": "1",
        "name": body["name"],
        "enabled": body.get("enabled", True),
        "owner": body.get("owner"),
        "environment": body.get("environment"),
        "config": body.get("config", {}),
        "detectorIds": [str(each) for each in body.get("detectorIds", [])],
        "triggers": numbered(body.get("triggers")),
        "actionFilters": filters,
    }
