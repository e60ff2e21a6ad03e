"""One trace as rows: each parent before its children, with the place of each span in the time of the trace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from otelmon.operate.page.figures import duration, shown
from otelmon.operate.page.spans import MICROSECONDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from otelmon.operate.page.spans import Span

# A bar is drawn in thousandths of the trace's time, and is at least three of them wide.
SCALE, NARROWEST = 1000.0, 3.0
MOST_ROWS = 1000
MOST_ATTRIBUTES = 60
DEEPEST_INDENT = 16
LONGEST_NAME, LONGEST_VALUE = 120, 4000
TELLING = ("db.query.summary", "url.full", "url.path")
NOTES = {
    "otelmon.keep": "kept: ",
    "db.response.status_code": "SQLSTATE ",
    "http.response.status_code": "status ",
    "otelmon.github.throttle": "throttled: ",
    "otelmon.github.rate_limit.remaining": "remaining ",
    "otelmon.db.pool.wait_ms": "waited for the pool, ms: ",
    "db.response.returned_rows": "rows ",
}


@dataclass(frozen=True, slots=True)
class Row:
    """Holds one line of the waterfall; ``left`` and ``width`` in thousandths of the trace's time."""

    span_id: str
    depth: int
    title: str
    service: str
    begins: str
    lasts: str
    left: float
    width: float
    tone: str
    notes: str
    attributes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Holds a whole trace ready to be shown; ``left_out`` spans come after the last row."""

    trace_id: str
    title: str
    services: str
    began: float
    lasts: str
    spans: int
    failed: int
    left_out: int
    rows: tuple[Row, ...]


def waterfall(spans: Sequence[Span], most: int = MOST_ROWS) -> Waterfall:
    """Returns the waterfall of a trace of one span or more."""
    begin = min(span.start for span in spans)
    length = max(1, max(span.end for span in spans) - begin)
    ordered = in_order(spans)
    names = sorted({span.service for span in spans if span.service})
    return Waterfall(
        trace_id=shown(spans[0].trace_id, LONGEST_NAME),
        title=title(ordered[0][1]),
        services=", ".join(shown(each, LONGEST_NAME) for each in names[:5]),
        began=begin / MICROSECONDS,
        lasts=duration(length / MICROSECONDS),
        spans=len(spans),
        failed=sum(span.failed for span in spans),
        left_out=max(0, len(spans) - most),
        rows=tuple(row(depth, span, begin, length) for depth, span in ordered[:most]),
    )


def in_order(spans: Sequence[Span]) -> list[tuple[int, Span]]:
    """Returns every span with its depth: parents before children, siblings by start, also where parents go round."""
    known = {span.span_id for span in spans}
    children: dict[str, list[Span]] = {}
    for span in sorted(spans, key=lambda each: (each.start, -each.duration)):
        parent = span.parent_id if span.parent_id in known and span.parent_id != span.span_id else ""
        children.setdefault(parent, []).append(span)
    ordered = below([(0, span) for span in children.get("", [])], children, set())
    if len(ordered) < len(spans):
        seen = {span.span_id for _, span in ordered}
        rest = [(0, span) for span in sorted(spans, key=lambda each: each.start) if span.span_id not in seen]
        ordered += below(rest, children, seen)
    return ordered


def below(roots: list[tuple[int, Span]], children: dict[str, list[Span]], seen: set[str]) -> list[tuple[int, Span]]:
    """Returns spans with all that is below them, none that was seen before."""
    ordered = []
    waiting = roots[::-1]
    while waiting:
        depth, span = waiting.pop()
        if span.span_id not in seen:
            seen.add(span.span_id)
            ordered.append((depth, span))
            waiting.extend((depth + 1, child) for child in reversed(children.get(span.span_id, [])))
    return ordered


def row(depth: int, span: Span, begin: int, length: int) -> Row:
    """Returns one line."""
    width = max(NARROWEST, span.duration * SCALE / length)
    left = min((span.start - begin) * SCALE / length, SCALE - width)
    attributes = [(shown(name), shown(value, LONGEST_VALUE)) for name, value in sorted(span.attributes.items())]
    return Row(
        span_id=shown(span.span_id),
        depth=min(depth, DEEPEST_INDENT),
        title=title(span),
        service=shown(span.service, LONGEST_NAME),
        begins=duration((span.start - begin) / MICROSECONDS),
        lasts=duration(span.duration / MICROSECONDS),
        left=round(max(left, 0.0), 2),
        width=round(min(width, SCALE), 2),
        tone=tone(span),
        notes=notes(span),
        attributes=tuple(attributes[:MOST_ATTRIBUTES]),
    )


def tone(span: Span) -> str:
    """Returns what kind of bar it is: bad, warn, db, http or plain."""
    if span.failed or span.keep in ("error", "throttled"):
        return "bad"
    if span.keep:
        return "warn"
    kinds = (("db", "db.system.name"), ("http", "http.request.method"))
    return next((kind for kind, name in kinds if name in span.attributes), "plain")


def title(span: Span) -> str:
    """Returns the name of a span, with what tells more where the name alone tells little."""
    more = next((span.attributes[name] for name in TELLING if name in span.attributes), "")
    if not more or " " in span.name:
        return shown(span.name, LONGEST_NAME)
    return shown(more if more.startswith(span.name) else f"{span.name} {more}", LONGEST_NAME)


def notes(span: Span) -> str:
    """Returns the few attributes that tell most."""
    found = [f"{words}{shown(span.attributes[name], 40)}" for name, words in NOTES.items() if name in span.attributes]
    return ", ".join(found)
