"""A trace becomes rows: every span once, parents first, whatever the trace looks like."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from otelmon.operate.page.spans import Span, spans, traces
from otelmon.operate.page.waterfall import SCALE, in_order, waterfall


def span(identity: str, parent: str = "", start: int = 0, duration: int = 10, **attributes: str) -> Span:
    """Returns a span of a trace."""
    return Span("abc", identity, parent, f"span {identity}", "shop", start, duration, attributes)


def test_children_stand_below_their_parents_by_start() -> None:
    """The order is that of the tree, siblings in the order of time; a missing parent makes a root."""
    made = [span("c", "a", 5), span("b", "a", 2), span("a"), span("d", "b", 3), span("e", "gone", 9)]
    assert [(depth, each.span_id) for depth, each in in_order(made)] == [
        (0, "a"), (1, "b"), (2, "d"), (1, "c"), (0, "e"),
    ]  # fmt: skip


def test_parents_that_go_round_hide_nothing() -> None:
    """Spans that are each other's parents are shown all the same."""
    made = [span("a", "b"), span("b", "a", 1), span("c", "c", 2)]
    assert {each.span_id for _, each in in_order(made)} == {"a", "b", "c"}


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(0, 100), st.integers(0, 100))))
def test_every_span_has_one_row_inside_the_scale(made: list[tuple[int, int, int, int]]) -> None:
    """Whatever the parents, each span is there once, with a bar that lies within the trace."""
    unique = {str(number): span(str(number), str(parent), start, length) for number, parent, start, length in made}
    if not unique:
        return
    drawn = waterfall(list(unique.values()))
    assert sorted(row.span_id for row in drawn.rows) == sorted(unique)
    assert all(row.left >= 0 and row.width > 0 and row.left + row.width <= SCALE + 0.02 for row in drawn.rows)


def test_bars_show_when_a_span_ran() -> None:
    """Left and width are shares of the trace's time."""
    drawn = waterfall([span("a", duration=1000), span("b", "a", 250, 500)])
    assert [(row.left, row.width) for row in drawn.rows] == [(0.0, 1000.0), (250.0, 500.0)]
    assert (drawn.lasts, drawn.rows[1].begins) == ("1.0 ms", "0.2 ms")


def test_a_hundred_thousand_spans_are_cut_and_said_so() -> None:
    """A deep and long trace is drawn without recursion, up to a number of rows."""
    made = [span(str(number), str(number - 1), number) for number in range(100_000)]
    drawn = waterfall(made)
    assert (len(drawn.rows), drawn.left_out, drawn.spans) == (1000, 99_000, 100_000)


def test_what_failed_or_is_kept_is_told_apart() -> None:
    """Tones come from status and mark."""
    made = [
        span("a"),
        span("b", **{"otelmon.keep": "slow_db", "db.system.name": "postgresql"}),
        span("c", error="true"),
        span("d", **{"db.system.name": "postgresql"}),
        span("e", **{"http.request.method": "GET", "url.full": "http://x/"}),
    ]
    rows = {row.span_id: row for row in waterfall(made).rows}
    assert [rows[each].tone for each in "abcde"] == ["plain", "warn", "bad", "db", "http"]


def test_jaeger_is_not_trusted() -> None:
    """Fields of another kind than expected are empty; copies of a span count once."""
    good = {"traceID": "abc", "spanID": "1", "operationName": "GET", "startTime": 5, "duration": 7, "processID": "p"}
    odd = {
        "spanID": 7,
        "references": "x",
        "startTime": "soon",
        "duration": -3,
        "tags": [1, {"key": "k", "value": True}],
    }
    trace = {"spans": [good, dict(good), odd, None, 3], "processes": {"p": {"serviceName": "shop"}, "q": 1}}
    first, second = spans(trace)
    assert (first.service, first.start, first.end) == ("shop", 5, 12)
    assert (second.span_id, second.start, second.duration, second.attributes["k"]) == ("7", 0, 0, "true")
    assert traces(None) == traces({"data": None}) == traces({"data": [1]}) == []
