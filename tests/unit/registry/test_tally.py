"""Counting takes no lock, loses nothing and stays bounded."""

from __future__ import annotations

import threading

from otelmon.registry.tally import Tallies, Tally


def test_reading_does_not_count() -> None:
    """A count is the number of additions, however often it was read in between."""
    tally = Tally()
    seen = [tally.value()]
    for _ in range(3):
        tally.add()
        seen += [tally.value(), tally.value()]
    assert seen == [0, 1, 1, 2, 2, 3, 3]


def test_eight_threads_lose_nothing() -> None:
    """Additions of many threads are all counted, while another one reads."""
    counts: Tallies[str] = Tallies(10, lambda: None)
    threads = [threading.Thread(target=lambda: [counts.add("a") for _ in range(5_000)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    readings = [counts.snapshot().get("a", 0) for _ in range(200)]
    for thread in threads:
        thread.join()
    assert counts.snapshot() == {"a": 40_000}
    assert readings == sorted(readings)


def test_reader_that_meets_another_one_does_not_wait() -> None:
    """A second reader gets what was read last, even if the first one never finishes, as after a fork."""
    tally = Tally()
    tally.add()
    assert tally.value() == 1
    tally.add()
    tally._lock.acquire()
    assert tally.value() == 1


def test_full_table_hands_the_rest_over() -> None:
    """A key beyond the limit is not kept; the keys before go on counting."""
    refused: list[int] = []
    counts: Tallies[str] = Tallies(2, lambda: refused.append(1))
    for key in ("a", "b", "c", "c", "a"):
        counts.add(key)
    assert (counts.snapshot(), len(refused)) == ({"a": 2, "b": 1}, 2)


def test_opened_key_is_a_known_zero() -> None:
    """An opened key counts from zero on; opening it again changes nothing."""
    counts: Tallies[str] = Tallies(2, lambda: None)
    counts.open("a")
    assert counts.snapshot() == {"a": 0}
    counts.add("a")
    counts.open("a")
    assert counts.snapshot() == {"a": 1}
    counts.clear()
    assert counts.snapshot() == {}
