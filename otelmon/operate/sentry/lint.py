"""Says what Sentry would drop, cut or not be able to search of telemetry that is sent to it by OTLP.

Source: https://docs.sentry.io/concepts/otlp/ (span events are dropped, lists are not searchable) and the defaults of
Relay (https://docs.sentry.io/product/relay/options/: 10 MiB a span, 2 MiB a log record).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from otelmon.operate.errors import OperateError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LARGEST_REQUEST = 5 * 1024 * 1024
LARGEST_SPAN = 10 * 1024 * 1024
LARGEST_LOG = 2 * 1024 * 1024
ENVIRONMENT = ("sentry.environment", "deployment.environment.name", "deployment.environment")
_REMEDIES = {
    "span events": "Sentry drops them: put facts on the span, or report errors by sentry-sdk",
    "lists or maps as attributes": "Sentry cannot search them: send scalars",
    "spans over 10 MiB": "Sentry drops them: cut attributes",
    "log records over 2 MiB": "Sentry drops them: cut the body",
    "requests over 5 MiB": "Sentry may refuse them: send smaller batches, by bytes",
    "no environment": "set deployment.environment.name in OTEL_RESOURCE_ATTRIBUTES",
    "metrics": "Sentry takes no metrics by OTLP: send them elsewhere",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Holds one kind of loss, how often it was found, the first place, and how to mend it."""

    what: str
    count: int
    first: str
    remedy: str


def lint_file(path: Path) -> list[Finding]:
    """Returns the findings of one file of OTLP as JSON, one request a line.

    Raises:
        OperateError: the file cannot be read, or a line is no request.
    """
    counts: dict[str, int] = {}
    first: dict[str, str] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise OperateError(f"{path} cannot be read: {error}") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        for what in _losses(_request(line, path, number), len(line)):
            counts[what] = counts.get(what, 0) + 1
            first.setdefault(what, f"{path}:{number}")
    return [Finding(what, count, first[what], _REMEDIES[what]) for what, count in counts.items()]


def _request(line: str, path: Path, number: int) -> dict[str, Any]:
    try:
        request = json.loads(line)
    except ValueError:
        request = None
    if not isinstance(request, dict):
        raise OperateError(f"{path}:{number} is no OTLP request as JSON")
    return request


def _losses(request: dict[str, Any], size: int) -> Iterator[str]:
    if size > LARGEST_REQUEST:
        yield "requests over 5 MiB"
    if request.get("resourceMetrics"):
        yield "metrics"
    for resource in request.get("resourceSpans") or []:
        yield from _of_resource(resource, "scopeSpans", "spans")
    for resource in request.get("resourceLogs") or []:
        yield from _of_resource(resource, "scopeLogs", "logRecords")


def _of_resource(resource: dict[str, Any], scopes: str, items: str) -> Iterator[str]:
    attributes = (resource.get("resource") or {}).get("attributes") or []
    yield from _of_attributes(attributes)
    for scope in resource.get(scopes) or []:
        yield from _of_items(scope.get(items) or [], attributes, items)


def _of_items(items: list[dict[str, Any]], of_resource: list[dict[str, Any]], kind: str) -> Iterator[str]:
    for item in items:
        attributes = item.get("attributes") or []
        yield from _of_attributes(attributes)
        if item.get("events"):
            yield "span events"
        if not any(each.get("key") in ENVIRONMENT for each in (*attributes, *of_resource)):
            yield "no environment"
        size = len(json.dumps(item))
        if kind == "spans" and size > LARGEST_SPAN:
            yield "spans over 10 MiB"
        if kind == "logRecords" and size > LARGEST_LOG:
            yield "log records over 2 MiB"


def _of_attributes(attributes: list[dict[str, Any]]) -> Iterator[str]:
    for each in attributes:
        if {"arrayValue", "kvlistValue"} & set(each.get("value") or {}):
            yield "lists or maps as attributes"
