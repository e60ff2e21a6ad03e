"""Counters that are told late come to what they would have come to at once."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING

from otelmon.registry.late_sums import MOST_SETS, LateSum, LateSums

if TYPE_CHECKING:
    from collections.abc import Mapping


class Told:
    """Adds up what a counter is told, and counts how often."""

    def __init__(self) -> None:
        self.sums: Counter[object] = Counter()
        self.times = 0

    def add(self, amount: int, attributes: Mapping[str, str | int], context: object = None) -> None:
        """Is the counter's own function."""
        del context
        self.sums[tuple(attributes.items())] += amount
        self.times += 1


def accepting() -> LateSums:
    """Returns counters that may all be told late."""
    sums = LateSums()
    sums.accepts = lambda _: True
    return sums


def test_a_collection_tells_what_has_changed() -> None:
    """Once for each attribute set, also where it comes to nothing; nothing where nothing has changed."""
    told, sums = Told(), accepting()
    late = sums.of("counter", told.add)
    for key, amounts in {"a": (1, 1, -1), "b": (1, -1)}.items():
        for each in amounts:
            late.cell(key, {"key": key}).add(each)
    assert told.times == 0
    sums.tell()
    sums.tell()
    assert (told.times, dict(told.sums)) == (2, {(("key", "a"),): 1, (("key", "b"),): 0})
    late.cell("a", {"key": "a"}).add(-1)
    sums.tell()
    assert (told.times, told.sums[("key", "a"),]) == (3, 0)


def test_what_is_not_accepted_is_told_at_once() -> None:
    """So it is before anybody collects, and for attribute sets beyond the most."""
    told = Told()
    LateSums().of("counter", told.add).cell("a", {}).add(1)
    assert told.times == 1
    late = LateSum(told.add, 1)
    late.cell("a", {"key": "a"}).add(1)
    late.cell("b", {"key": "b"}).add(1)
    assert told.times == 2
    assert MOST_SETS > 1


def test_one_counter_has_one_sum() -> None:
    """Who asks twice for a counter adds to the same."""
    told, sums = Told(), accepting()
    sums.of("counter", told.add).cell("a", {}).add(1)
    sums.of("counter", told.add).cell("a", {}).add(1)
    sums.tell()
    assert (told.times, told.sums[()]) == (1, 2)


def test_after_the_end_everything_is_told() -> None:
    """What was going on then is counted off too."""
    told, sums = Told(), accepting()
    late = sums.of("counter", told.add)
    going_on = late.cell("a", {})
    going_on.add(1)
    sums.end()
    assert told.sums[()] == 1
    going_on.add(-1)
    late.cell("a", {}).add(5)
    assert told.sums[()] == 5
    sums.tell()
    assert (told.sums[()], told.times) == (5, 3)


def test_no_change_is_lost_between_threads() -> None:
    """However threads and collections mix, nothing is lost."""
    told, sums = Told(), accepting()
    late = sums.of("counter", told.add)
    over = threading.Event()

    def change() -> None:
        for number in range(20_000):
            late.cell(number % 2, {"key": number % 2}).add(1 + number % 3)

    def collect() -> None:
        while not over.is_set():
            sums.tell()

    collector = threading.Thread(target=collect)
    threads = [threading.Thread(target=change) for _ in range(4)]
    for each in (collector, *threads):
        each.start()
    for each in threads:
        each.join()
    over.set()
    collector.join()
    sums.tell()
    expected = [4 * sum(1 + number % 3 for number in range(key, 20_000, 2)) for key in range(2)]
    assert [told.sums[("key", key),] for key in range(2)] == expected
