"""Reads traces from Jaeger's query API."""

from __future__ import annotations

import json
import time
import urllib.error
from http import HTTPStatus
from typing import Any

from demo.readback.http import get, get_json
from demo.readback.span import ReadSpan

MICROSECOND = 1_000
MOST_TRACES = "5000"
WINDOW_SECONDS = 3600


class JaegerReader:
    """Reads from one Jaeger; ``url`` is that of its query API."""

    def __init__(self, url: str) -> None:
        self._url = url

    def trace(self, trace_id: str) -> list[ReadSpan]:
        """Returns the spans of a trace; none while Jaeger does not know it."""
        try:
            document = get_json(f"{self._url}/api/traces/{trace_id}")
        except urllib.error.HTTPError as error:
            if error.code == HTTPStatus.NOT_FOUND:
                return []
            raise
        return spans_of(document)

    def everything(self, service: str) -> bytes:
        """Returns the traces of a service in the last hour, as Jaeger wrote them."""
        end = int(time.time() * 1_000_000)
        query = {
            "service": service,
            "limit": MOST_TRACES,
            "start": str(end - WINDOW_SECONDS * 1_000_000),
            "end": str(end),
        }
        return get(f"{self._url}/api/traces", query)

    def spans(self, service: str) -> list[ReadSpan]:
        """Returns every span of ``everything``."""
        return spans_of(json.loads(self.everything(service)))


def spans_of(document: dict[str, Any]) -> list[ReadSpan]:
    """Returns the spans of a document of ``/api/traces``."""
    return [span_of(span) for trace in document.get("data") or [] for span in trace["spans"]]


def span_of(span: dict[str, Any]) -> ReadSpan:
    """Returns one span of Jaeger's JSON, which counts in microseconds."""
    parents = [each["spanID"] for each in span.get("references", []) if each["refType"] == "CHILD_OF"]
    start = span["startTime"] * MICROSECOND
    return ReadSpan(
        trace_id=span["traceID"],
        span_id=span["spanID"],
        parent_id=parents[0] if parents else "",
        name=span["operationName"],
        start_ns=start,
        end_ns=start + span["duration"] * MICROSECOND,
        attributes={tag["key"]: tag["value"] for tag in span["tags"]},
    )
