"""Spans as Jaeger's query interface tells of them, read without trusting a single field."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MICROSECONDS = 1_000_000
FAILED = ("ERROR", "STATUS_CODE_ERROR")


@dataclass(frozen=True, slots=True)
class Span:
    """Holds one span; times in unix microseconds."""

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    service: str
    start: int
    duration: int
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def end(self) -> int:
        """Returns when it ended."""
        return self.start + self.duration

    @property
    def keep(self) -> str:
        """Returns why it is kept whatever is sampled, or nothing."""
        return self.attributes.get("otelmon.keep", "")

    @property
    def failed(self) -> bool:
        """Tells whether it says that it failed."""
        return self.attributes.get("error") == "true" or self.attributes.get("otel.status_code") in FAILED


def traces(document: object) -> list[list[Span]]:
    """Returns the traces of an answer of ``/api/traces``; what has not the form of one is left out."""
    return [list(spans(each)) for each in items(document, "data") if isinstance(each, dict)]


def spans(trace: Mapping[str, object]) -> Iterator[Span]:
    """Yields the spans of one trace; the same span of two copies once."""
    processes = trace.get("processes")
    services = {
        str(name): str(each.get("serviceName", "")) if isinstance(each, dict) else ""
        for name, each in (processes.items() if isinstance(processes, dict) else ())
    }
    seen = set()
    for each in items(trace, "spans"):
        if isinstance(each, dict) and (identity := str(each.get("spanID", ""))) not in seen:
            seen.add(identity)
            yield span(each, services.get(str(each.get("processID", "")), ""))


def span(document: Mapping[str, object], service: str) -> Span:
    """Returns one span; a field that is missing or of another kind is empty."""
    parents = [str(each.get("spanID", "")) for each in mappings(document, "references") if is_parent(each)]
    return Span(
        trace_id=str(document.get("traceID", "")),
        span_id=str(document.get("spanID", "")),
        parent_id=parents[0] if parents else "",
        name=str(document.get("operationName", "")),
        service=service,
        start=whole(document.get("startTime")),
        duration=max(whole(document.get("duration")), 0),
        attributes={str(each.get("key", "")): text(each.get("value")) for each in mappings(document, "tags")},
    )


def is_parent(reference: Mapping[str, object]) -> bool:
    """Tells whether a reference names the parent."""
    return reference.get("refType") == "CHILD_OF"


def items(document: object, key: str) -> list[object]:
    """Returns the list at a key, or nothing."""
    found = document.get(key) if isinstance(document, dict) else None
    return found if isinstance(found, list) else []


def mappings(document: object, key: str) -> list[dict[str, object]]:
    """Returns the objects in the list at a key."""
    return [each for each in items(document, key) if isinstance(each, dict)]


def whole(value: object) -> int:
    """Returns a whole number, 0 for anything else."""
    return int(value) if isinstance(value, (int, float)) and abs(value) < 2**63 else 0


def text(value: object) -> str:
    """Returns the value of a tag as text; truth values in lower case, as the wire has them."""
    return str(value).lower() if isinstance(value, bool) else str(value)
