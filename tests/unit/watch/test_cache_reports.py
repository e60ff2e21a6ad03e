"""The watch tells of a cache that got worse within two minutes, and leaves quiet and fresh ones alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cachetools
import pytest

from otelmon import signals
from otelmon.hooks.caches.registration import register
from otelmon.records import CacheState
from otelmon.registry import HookRegistry
from otelmon.settings import Settings
from otelmon.watch.caches import CacheReports

if TYPE_CHECKING:
    from collections.abc import Callable

TICK = 0.5


class Running:
    """Runs the watch's tasks on a clock of its own, with whatever happens between two rounds."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.registry = HookRegistry(Settings())
        self.events: list[tuple[float, str, dict[str, Any]]] = []
        self.reports = CacheReports(self.registry, self.emit, lambda: self.now)

    def emit(self, name: str, attributes: Any, *, trace_id: int, span_id: int) -> None:
        """Notes an event with the time."""
        assert (trace_id, span_id) == (0, 0)
        self.events.append((self.now, name, dict(attributes)))

    def run(self, seconds: float, happens: Callable[[], None] = lambda: None) -> None:
        """Lets time pass."""
        for _ in range(int(seconds / TICK)):
            self.now += TICK
            happens()
            for _, task in self.reports.tasks():
                task()


@pytest.fixture
def running() -> Running:
    """Returns a watch that runs by hand."""
    return Running()


def traffic(cache: Any) -> Callable[[], None]:
    """Returns ten look-ups of ten keys, each stored when it is missing."""

    def happens() -> None:
        for key in range(10):
            if cache.get(key) is None:
                cache[key] = "value"

    return happens


def test_broken_time_to_live_is_found_within_two_minutes(running: Running) -> None:
    """Entries that suddenly live a hundredth of their time: one event, that names expiry, within 120 seconds."""
    ttl = [300.0]
    cache = cachetools.TLRUCache(100, lambda _key, _value, now: now + ttl[0], lambda: running.now)
    register(running.registry, "prices", cache)
    running.run(400, traffic(cache))
    assert running.events == []
    ttl[0] = 0.1
    cache.expire(running.now + 300)
    broken_at = running.now
    running.run(120, traffic(cache))
    ((told_at, name, said),) = running.events
    assert told_at - broken_at <= 120
    assert (name, said["cache.name"], said["otelmon.cache.miss_cause"]) == (
        "otelmon.cache.degraded",
        "prices",
        "expired",
    )
    assert said["otelmon.cache.hit_ratio"] < 0.2
    assert said["otelmon.cache.base_ratio"] > 0.9
    assert "longer" in said["otelmon.cache.advice"]
    described = {event.name: event.attributes for event in signals.EVENTS}
    assert set(said) == set(described[name])
    running.run(600, traffic(cache))
    assert len(running.events) == 1


def test_quiet_cache_stays_quiet(running: Running) -> None:
    """Three look-ups a minute, all of them misses after hours of hits, are too few to judge by."""
    seen = {"hits": 0, "misses": 0, "round": 0}

    def happens() -> None:
        seen["round"] += 1
        if seen["round"] % 40 == 0:
            seen["hits" if running.now < 3000 else "misses"] += 1

    running.registry.add_cache("quiet", lambda: CacheState(seen["hits"], seen["misses"]))
    running.run(6000, happens)
    assert running.events == []


@pytest.mark.parametrize("seconds", [100, 500])
def test_cold_start_and_clearing_are_no_degradation(running: Running, seconds: int) -> None:
    """A cache that fills, and one that was cleared and fills again, are not told of."""
    cache = cachetools.LRUCache(100_000)
    register(running.registry, "x", cache)
    state = {"key": 0}

    def fills() -> None:
        # Each round asks for twenty keys of those that have been there, and for new ones less and less.
        new = max(0, 20 - state["key"] // 20)
        for key in range(state["key"], state["key"] + new):
            cache.get(key)
            cache[key] = key
        state["key"] += new
        for key in range(20 - new):
            cache.get(key)

    running.run(seconds, fills)
    assert running.events == []


def test_cleared_counts_start_a_new_base(running: Running) -> None:
    """Counts that go back, as by ``cache_clear()``, begin a new base instead of being a fall."""
    seen = {"hits": 0, "misses": 0}

    def happens() -> None:
        seen["hits" if running.now < 1500 or running.now > 1560 else "misses"] += 10

    running.registry.add_cache("x", lambda: CacheState(seen["hits"], seen["misses"]))
    running.run(495, happens)
    seen.update(hits=0, misses=0)
    running.run(300, happens)
    assert running.events == []


def test_poor_cache_is_told_once(running: Running) -> None:
    """A cache too small for its keys is told of once, with what dominates its misses and without a base."""
    cache = cachetools.LRUCache(3)
    register(running.registry, "small", cache)
    running.run(900, traffic(cache))
    ((_, name, said),) = running.events
    assert (name, said["otelmon.cache.miss_cause"]) == ("otelmon.cache.low_ratio", "evicted")
    assert "larger" in said["otelmon.cache.advice"]
    assert set(said) == set({event.name: event.attributes for event in signals.EVENTS}[name])


def test_gone_cache_is_forgotten(running: Running) -> None:
    """A cache that has gone and come back under its name begins anew."""
    running.registry.add_cache("x", lambda: CacheState(int(running.now), 0))
    running.run(300)
    running.registry.remove_cache("x")
    running.run(60)
    running.registry.add_cache("x", lambda: CacheState(0, int(running.now * 100)))
    running.run(100)
    assert running.events == []


def test_load_times_are_aggregated_where_they_are_measured(running: Running) -> None:
    """Each load is one entry under the cache's name, whoever asks for it first; a forked child begins anew."""
    used, book = running.registry.watch_cache("x")
    for milliseconds in (20, 30):
        book.loaded(milliseconds * 1_000_000)
    (found,) = running.registry.histograms()["otelmon.cache.load_time"].aggregates()
    assert (found.attributes, sum(found.counts), found.sum_ns) == ({"cache.name": used}, 2, 50_000_000)
    running.registry.after_fork()
    assert running.registry.histograms()["otelmon.cache.load_time"].aggregates() == []
