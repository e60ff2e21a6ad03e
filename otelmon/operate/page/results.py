"""The traces that a search has found, one line each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from otelmon.operate.page import figures
from otelmon.operate.page.spans import MICROSECONDS
from otelmon.operate.page.waterfall import in_order, title

if TYPE_CHECKING:
    from collections.abc import Sequence

    from otelmon.operate.page.spans import Span


@dataclass(frozen=True, slots=True)
class Result:
    """Holds one found trace."""

    trace_id: str
    title: str
    services: str
    began: str
    ago: str
    lasts: str
    spans: int
    keeps: str
    failed: bool


def results(traces: Sequence[Sequence[Span]], now: float) -> tuple[Result, ...]:
    """Returns one line a trace, in the order of the traces; ``now`` in unix seconds."""
    return tuple(result(each, now) for each in traces if each)


def result(spans: Sequence[Span], now: float) -> Result:
    """Returns the line of one trace."""
    begin, end = min(span.start for span in spans), max(span.end for span in spans)
    began = begin / MICROSECONDS
    return Result(
        trace_id=figures.shown(spans[0].trace_id, 32),
        title=title(in_order(spans)[0][1]),
        services=", ".join(figures.shown(each, 60) for each in sorted({span.service for span in spans})[:5]),
        began=figures.clock(began),
        ago=figures.age(max(now - began, 0.0)),
        lasts=figures.duration((end - begin) / MICROSECONDS),
        spans=len(spans),
        keeps=", ".join(sorted({figures.shown(span.keep, 20) for span in spans if span.keep})),
        failed=any(span.failed for span in spans),
    )
