"""Totals of caches only grow, whatever a cache says, and nothing is invented."""

from __future__ import annotations

import functools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otelmon.hooks.caches.readers import reader_of
from otelmon.records import CacheState
from otelmon.registry import HookRegistry
from otelmon.registry.cache_totals import RunningTotal
from otelmon.settings import Settings


def registry_reading(states: list[CacheState]) -> HookRegistry:
    """Returns a registry whose cache ``c`` gives one state after the other."""
    registry = HookRegistry(Settings())
    coming = iter(states)
    registry.add_cache("c", lambda: next(coming))
    return registry


@pytest.mark.parametrize(
    ("readings", "totals"),
    [
        pytest.param([0, 0], [0, 0], id="nothing asked"),
        pytest.param([5, 9], [5, 9], id="grows"),
        pytest.param([5, 2, 3], [5, None, 6], id="goes backwards once"),
        pytest.param([5, None, 7], [5, None, 7], id="unknown once"),
        pytest.param([None, None], [None, None], id="never known"),
        pytest.param([5, 0, 0, 1], [5, None, 5, 6], id="cleared"),
    ],
)
def test_total(readings: list[int | None], totals: list[int | None]) -> None:
    """A step backwards is unknown, not negative, and the count goes on from there."""
    running = RunningTotal()
    assert [running.follow(each) for each in readings] == totals


@given(st.lists(st.one_of(st.none(), st.integers(0, 100))))
def test_total_never_falls(readings: list[int | None]) -> None:
    """Whatever a reader says, known totals never fall."""
    running = RunningTotal()
    totals = [total for each in readings if (total := running.follow(each)) is not None]
    assert totals == sorted(totals)


def test_cleared_cache_keeps_its_totals() -> None:
    """``cache_clear()`` empties the size and leaves the totals standing."""
    registry = HookRegistry(Settings())

    @functools.lru_cache
    def square(number: int) -> int:
        return number * number

    registry.add_cache("square", reader_of(square))
    for number in (1, 1, 2):
        square(number)
    assert registry.caches() == {"square": CacheState(hits=1, misses=2, evictions=None, size=2)}
    square.cache_clear()
    assert registry.caches() == {"square": CacheState(hits=None, misses=None, evictions=None, size=0)}
    square(3)
    assert registry.caches() == {"square": CacheState(hits=1, misses=3, evictions=None, size=1)}


def test_unknown_field_leaves_the_others_alone() -> None:
    """Rubbish in one field makes that field unknown, no other."""
    registry = registry_reading([CacheState(hits=-1, misses=2, evictions=10**30, size=4)])
    assert registry.caches() == {"c": CacheState(hits=None, misses=2, evictions=None, size=4)}


def test_forked_child_counts_from_zero() -> None:
    """A cache of the parent starts at zero in the child, at its first reading; one added later counts in full."""
    registry = registry_reading([CacheState(10, 5, 0, 3), CacheState(40, 20, 0, 3), CacheState(43, 21, 1, 3)])
    assert registry.caches()["c"] == CacheState(10, 5, 0, 3)
    registry.after_fork()
    assert registry.caches()["c"] == CacheState(0, 0, 0, 3)
    registry.add_cache("new", lambda: CacheState(hits=2))
    assert registry.caches() == {"c": CacheState(3, 1, 1, 3), "new": CacheState(hits=2)}


def test_name_used_again_starts_anew() -> None:
    """Totals of a removed cache do not pass to the next one of its name, in a forked child neither."""
    registry = registry_reading([CacheState(hits=10)])
    registry.caches()
    registry.after_fork()
    registry.remove_cache("c")
    registry.add_cache("c", lambda: CacheState(hits=3))
    assert registry.caches() == {"c": CacheState(hits=3)}


def test_reading_within_a_reading_does_not_wait() -> None:
    """A reader that reads all caches itself gets what was known before."""
    registry = HookRegistry(Settings())
    inner: list[dict[str, CacheState]] = []

    def reader() -> CacheState:
        inner.append(registry.caches())
        return CacheState(size=1)

    registry.add_cache("c", reader)
    assert registry.caches() == {"c": CacheState(size=1)}
    assert inner == [{}]
