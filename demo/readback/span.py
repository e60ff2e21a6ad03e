"""A span as it was read back from a back end."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ReadSpan:
    """Holds one span; times in unix nanoseconds, ``arrived_ns`` 0 where the back end does not tell."""

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    start_ns: int
    end_ns: int
    attributes: dict[str, object] = field(default_factory=dict)
    arrived_ns: int = 0

    @property
    def keep(self) -> object:
        """Returns why the span must be kept, or None."""
        return self.attributes.get("otelmon.keep")


def repeated(spans: list[ReadSpan]) -> list[str]:
    """Returns the ids of spans that are there more than once."""
    seen: set[tuple[str, str]] = set()
    twice = []
    for span in spans:
        key = span.trace_id, span.span_id
        if key in seen:
            twice.append(span.span_id)
        seen.add(key)
    return twice
