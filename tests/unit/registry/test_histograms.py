"""Times are aggregated exactly, under any number of threads, in bounded space."""

from __future__ import annotations

import sys
import threading
import time

from opentelemetry.trace import INVALID_SPAN_CONTEXT

from otelmon.registry.histograms import Cell, Histogram

MS = 1_000_000


def histogram(limit: int = 10) -> tuple[Histogram, list[int]]:
    """Returns a histogram with bounds at 1 and 10 ms, and where its overflow is counted."""
    overflowed: list[int] = []
    return Histogram((0.001, 0.01), limit, lambda: overflowed.append(1)), overflowed


def cell_of(made: Histogram, name: str) -> Cell:
    """Returns the cell of a name."""
    return made.cell(name, lambda: {"name": name})


def test_a_bound_belongs_to_the_bucket_below_it() -> None:
    """Bounds are inclusive at their upper end, as the specification of OpenTelemetry asks."""
    made, _ = histogram()
    for duration in (0, MS, MS + 1, 10 * MS, 10 * MS + 1):
        cell_of(made, "a").add(duration)
    (aggregate,) = made.aggregates()
    assert aggregate.counts == (2, 2, 1)
    assert (aggregate.sum_ns, aggregate.min_ns, aggregate.max_ns) == (22 * MS + 2, 0, 10 * MS + 1)


def test_threads_lose_nothing() -> None:
    """Eight threads that change places as often as they can count every time once."""
    made, _ = histogram()
    cell = cell_of(made, "a")
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=lambda: [cell.add(number) for number in range(50_000)]) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    (aggregate,) = made.aggregates()
    assert (sum(aggregate.counts), aggregate.sum_ns) == (400_000, 8 * sum(range(50_000)))
    assert (aggregate.min_ns, aggregate.max_ns) == (0, 49_999)


def test_one_set_too_many_shares_a_set() -> None:
    """What belongs to no kept set goes to one that says so, and is counted as overflow."""
    made, overflowed = histogram(limit=2)
    for name in "abcd":
        cell_of(made, name).add(1)
    assert [each.attributes for each in made.aggregates()] == [
        {"name": "a"},
        {"name": "b"},
        {"otel.metric.overflow": True},
    ]
    assert sum(sum(each.counts) for each in made.aggregates()) == 4
    assert len(overflowed) == 2


def test_cleared_cells_go_on() -> None:
    """In a forked child who holds a cell counts on with it, from zero and from now."""
    made, _ = histogram()
    cell = cell_of(made, "a")
    cell.add(5)
    (before,) = made.aggregates()
    made.clear()
    assert made.aggregates() == []
    cell.add(7)
    (after,) = made.aggregates()
    assert (after.sum_ns, after.since_ns > before.since_ns) == (7, True)


def test_the_latest_example_of_a_bucket_is_kept() -> None:
    """A bucket has one example, with the identity of the span."""

    class Span:
        trace_id, span_id, trace_flags = 7, 8, 1

    made, _ = histogram()
    cell = cell_of(made, "a")
    for duration in (1, 2, 5 * MS):
        cell.add(duration)
        cell.show(duration, Span(), time.time_ns())
    (aggregate,) = made.aggregates()
    assert [(each.value_ns, each.trace_id, each.span_id) for each in aggregate.exemplars] == [(2, 7, 8), (5 * MS, 7, 8)]


def test_an_instrument_can_aggregate_instead() -> None:
    """Handed over, each time goes to the instrument, in seconds and with its attributes."""
    recorded: list[tuple[float, object]] = []
    made, _ = histogram()
    made.hand_over(lambda value, attributes: recorded.append((value, attributes)))
    cell_of(made, "a").add(2 * MS)
    assert (recorded, made.aggregates()) == ([(0.002, {"name": "a"})], [])
    cell_of(made, "a").show(2 * MS, INVALID_SPAN_CONTEXT, time.time_ns())
    assert made.aggregates() == []
