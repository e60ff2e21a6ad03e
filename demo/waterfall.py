"""Draws one trace as a waterfall."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from demo.readback.span import ReadSpan

CELLS = 24
NAME_CELLS = 40
BLOCK = "█"
MILLISECOND = 1_000_000
TELLING = ("db.query.summary", "url.full", "url.path")
NOTES = {
    "http.response.status_code": "status",
    "otelmon.github.rate_limit.remaining": "remaining",
    "otelmon.keep": "keep",
}


def waterfall(spans: list[ReadSpan]) -> Table:
    """Returns a table with a bar for each span, children below their parents."""
    table = Table(title=f"Trace {spans[0].trace_id}" if spans else "No trace", title_justify="left")
    table.add_column("span", no_wrap=True, max_width=NAME_CELLS)
    table.add_column("ms", justify="right", no_wrap=True, min_width=6)
    table.add_column("when", no_wrap=True, min_width=CELLS)
    table.add_column("of note", no_wrap=True)
    if not spans:
        return table
    begin = min(span.start_ns for span in spans)
    length = max(1, max(span.end_ns for span in spans) - begin)
    for depth, span in in_order(spans):
        milliseconds = (span.end_ns - span.start_ns) / MILLISECOND
        table.add_row(Text("  " * depth + title(span)), f"{milliseconds:.1f}", bar(span, begin, length), notes(span))
    return table


def in_order(spans: list[ReadSpan]) -> list[tuple[int, ReadSpan]]:
    """Returns the spans with their depth, each parent before its children, siblings by start."""
    known = {span.span_id for span in spans}
    children: dict[str, list[ReadSpan]] = {}
    for span in sorted(spans, key=lambda each: each.start_ns):
        children.setdefault(span.parent_id if span.parent_id in known else "", []).append(span)
    ordered: list[tuple[int, ReadSpan]] = []
    waiting = [(0, span) for span in reversed(children.get("", []))]
    while waiting:
        depth, span = waiting.pop()
        ordered.append((depth, span))
        waiting.extend((depth + 1, child) for child in reversed(children.get(span.span_id, [])))
    return ordered


def bar(span: ReadSpan, begin: int, length: int) -> Text:
    """Returns a bar whose place and length show when the span ran; even the shortest has one cell."""
    left = (span.start_ns - begin) * CELLS // length
    cells = max(1, round((span.end_ns - span.start_ns) * CELLS / length))
    left = min(left, CELLS - 1)
    style = "red" if span.keep else "cyan" if "http.request.method" in span.attributes else "green"
    return Text(" " * left + BLOCK * min(cells, CELLS - left), style=style)


def title(span: ReadSpan) -> str:
    """Returns the name of a span, with what tells more where the name alone tells little."""
    more = next((str(span.attributes[name]) for name in TELLING if name in span.attributes), "")
    if not more or " " in span.name:
        return span.name
    return more if more.startswith(span.name) else f"{span.name} {more}"


def notes(span: ReadSpan) -> Text:
    """Returns the few attributes that tell most."""
    return Text(
        ", ".join(f"{short} {span.attributes[name]}" for name, short in NOTES.items() if name in span.attributes)
    )
