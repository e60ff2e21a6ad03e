"""A report is good only if everything was found, in time, once, and without a secret."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from demo.evidence import JAEGER, SENTRY, VICTORIAMETRICS, Finding
from demo.readback.span import ReadSpan, repeated
from demo.report import Report
from demo.waterfall import in_order, waterfall

GOOD = Report(
    findings=[
        Finding("slow query", "t1", JAEGER, "SELECT: slow_db"),
        Finding("slow query", "t1", VICTORIAMETRICS, "kept = 1"),
        Finding("slow query", "t1", SENTRY, "SELECT: slow_db"),
        Finding("cache", "", VICTORIAMETRICS, "requests = 3"),
    ],
    secrets={JAEGER: {"literal": 0}, SENTRY: {"literal": 0}},
    repeated_spans={JAEGER: 0},
    seconds_to_sentry=2.0,
    seconds=20.0,
)


def shown(report: Report) -> str:
    """Returns what a person sees."""
    console = Console(file=StringIO(), width=160)
    report.show(console)
    output = console.file
    assert isinstance(output, StringIO)
    return output.getvalue()


def test_a_good_report_says_so() -> None:
    """With everything in order there is no complaint, and the evidence is shown."""
    assert (GOOD.good, GOOD.document()["complaints"]) == (True, [])
    text = shown(GOOD)
    assert "All was found" in text
    assert "SELECT: slow_db" in text


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        pytest.param(
            {"findings": [replace(GOOD.findings[0], evidence="")]}, "slow query: not found in Jaeger", id="not found"
        ),
        pytest.param({"secrets": {SENTRY: {"literal": 2}}}, "literal: 2 times in Sentry stand-in", id="secret"),
        pytest.param({"repeated_spans": {JAEGER: 1}}, "1 spans more than once in Jaeger", id="twice"),
        pytest.param({"seconds_to_sentry": 31.0}, "not at Sentry within 30 s", id="late"),
        pytest.param({"seconds_to_sentry": None}, "not at Sentry within 30 s", id="never"),
    ],
)
def test_each_fault_of_a_run_is_a_complaint(change: dict[str, object], complaint: str) -> None:
    """One thing out of order makes a report bad and is named."""
    report = replace(GOOD, **change)
    assert report.good is False
    assert complaint in "\n".join(report.complaints())


def span(identity: str, parent: str, start: int, end: int) -> ReadSpan:
    """Returns a span of one trace."""
    return ReadSpan("t1", identity, parent, f"span {identity}", start, end)


def test_children_stand_below_their_parents_by_start() -> None:
    """A waterfall shows each parent before its children, which follow by start; an orphan stands at the top."""
    spans = [span("b", "a", 5, 9), span("c", "a", 2, 4), span("a", "", 0, 10), span("o", "gone", 3, 4)]
    assert [(depth, each.span_id) for depth, each in in_order(spans)] == [(0, "a"), (1, "c"), (1, "b"), (0, "o")]


def test_a_waterfall_has_a_row_for_each_span() -> None:
    """Every span is a row, even one without length; no span at all is no error."""
    assert (waterfall([span("a", "", 0, 0), span("b", "a", 0, 0)]).row_count, waterfall([]).row_count) == (2, 0)


def test_repeated_spans_are_found() -> None:
    """A span counts as repeated when trace and span id were there before."""
    spans = [span("a", "", 0, 1), span("a", "", 0, 1), ReadSpan("t2", "a", "", "same id, other trace", 0, 1)]
    assert repeated(spans) == ["a"]
