"""Reads from the query interface of the Sentry stand-in."""

from __future__ import annotations

from typing import Any

from demo.readback.http import get, get_json
from demo.readback.span import ReadSpan


class SentryReader:
    """Reads from one stand-in."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/api/0"

    def trace(self, trace_id: str) -> list[ReadSpan]:
        """Returns the spans of a trace."""
        return [span_of(span) for span in get_json(f"{self._url}/spans", {"trace_id": trace_id})["spans"]]

    def spans(self) -> list[ReadSpan]:
        """Returns every span."""
        return [span_of(span) for span in get_json(f"{self._url}/spans")["spans"]]

    def logs(self, **wanted: str) -> list[dict[str, Any]]:
        """Returns the log records whose fields or attributes equal those given."""
        records: list[dict[str, Any]] = get_json(f"{self._url}/logs", wanted)["logs"]
        return records

    def everything(self) -> bytes:
        """Returns the uncompressed bytes of every request that was taken."""
        return get(f"{self._url}/raw")


def span_of(span: dict[str, Any]) -> ReadSpan:
    """Returns one span of the stand-in's JSON."""
    return ReadSpan(
        trace_id=span["trace_id"],
        span_id=span["span_id"],
        parent_id=span["parent_span_id"],
        name=span["name"],
        start_ns=span["start_ns"],
        end_ns=span["end_ns"],
        attributes=span["attributes"],
        arrived_ns=span["arrived_ns"],
    )
