"""Counters grow over resets, evictions and failovers, and never fall."""

from __future__ import annotations

import pytest

from otelmon.operate.observe.points import Point
from otelmon.operate.observe.totals import Totals

OLD, NEW = "2026-01-01", "2026-02-02"


def told(*figures: tuple[float, str], shrinks: bool = False) -> list[float]:
    """Returns what a counter shows after each figure of the server."""
    totals = Totals({"c"})
    return [
        point.value
        for value, since in figures
        for point in totals.grown([Point("c", value, (), since)], shrinks=shrinks)
    ]


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        pytest.param([(100, OLD), (103, OLD), (110, OLD)], [0, 3, 10], id="growing"),
        pytest.param([(100, OLD), (103, OLD), (5, NEW), (7, NEW)], [0, 3, 8, 10], id="reset"),
        pytest.param([(100, OLD), (103, OLD), (105, NEW)], [0, 3, 108], id="reset and faster since"),
        pytest.param([(100, ""), (103, ""), (5, "")], [0, 3, 8], id="fallen without a word"),
        pytest.param([(100, OLD), (100, OLD)], [0, 0], id="standing"),
    ],
)
def test_counter_is_exact_over_a_reset(figures: list[tuple[float, str]], expected: list[float]) -> None:
    """What was counted before and after a reset is added up; nothing is counted twice."""
    assert told(*figures) == expected


def test_an_evicted_entry_is_no_reset() -> None:
    """A sum that shrinks because entries made room stands still, instead of being counted once more."""
    assert told((100, OLD), (90, OLD), (95, OLD), shrinks=True) == [0, 0, 5]


def test_figures_of_another_server_are_a_new_beginning() -> None:
    """After a failover the first figures add nothing, whether larger or smaller than before."""
    totals = Totals({"c"})
    shown = [next(totals.grown([Point("c", 10)], shrinks=False)).value]
    shown.append(next(totals.grown([Point("c", 15)], shrinks=False)).value)
    totals.forget_base()
    shown += [next(totals.grown([Point("c", value)], shrinks=False)).value for value in (9000, 9001)]
    assert shown == [0, 5, 5, 6]


def test_gauges_stay_as_they_are() -> None:
    """What is no counter passes through."""
    assert list(Totals({"c"}).grown([Point("g", 7)], shrinks=False)) == [Point("g", 7)]


def test_table_is_bounded() -> None:
    """The series not seen for longest makes room, and begins anew when it comes back."""
    totals = Totals({"c"}, most=2)

    def show(name: str, value: float) -> float:
        return next(totals.grown([Point("c", value, (("name", name),))], shrinks=False)).value

    for value in (10, 20):
        show("a", value)
    show("b", 1)
    show("c", 1)
    assert (show("a", 30), show("c", 5)) == (0, 4)
