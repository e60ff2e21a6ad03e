"""Case 49 of the table of faults, and a cache that breaks under the real thread of the watch."""

from __future__ import annotations

import threading
import time

import cachetools
import pytest

from otelmon import guard
from otelmon.hooks.caches.registration import register
from otelmon.records import CacheState
from otelmon.registry import HookRegistry
from otelmon.settings import Settings
from otelmon.watch import caches
from otelmon.watch.caches import CacheReports
from otelmon.watch.thread import Watch


@pytest.fixture
def lenient() -> object:
    """Lets the guard swallow, as it does outside of this suite."""
    guard.set_strict(False)
    yield
    guard.reset()
    guard.set_strict(True)


def raising() -> CacheState:
    """Fails, as a reader may."""
    raise RuntimeError("planted")


@pytest.mark.parametrize(
    ("readings", "hits", "misses"),
    [
        pytest.param([(10, 5), (3, 1), (4, 1)], 11, 5, id="backwards, as after a clearing"),
        pytest.param([(10, 5), (-3, 6)], None, 6, id="negative"),
        pytest.param([(None, None)], None, None, id="nothing known"),
        pytest.param([(2**70, 1)], None, 1, id="huge"),
        pytest.param([(0, 0)], 0, 0, id="no look-ups"),
        pytest.param([(True, "7")], None, None, id="no numbers"),
    ],
)
def test_49_strange_readings_are_unknown(readings: list, hits: int | None, misses: int | None) -> None:
    """What cannot be true is unknown, totals go on from where they were, and no ratio is invented."""
    registry, coming = HookRegistry(Settings()), iter(readings)
    registry.add_cache("strange", lambda: CacheState(*next(coming)))
    for _ in readings:
        seen = registry.caches()["strange"]
    assert (seen.hits, seen.misses) == (hits, misses)


@pytest.mark.usefixtures("lenient")
def test_49_reader_that_raises_is_left_out_alone() -> None:
    """The others are read, and the error is counted at its site."""
    registry = HookRegistry(Settings())
    registry.add_cache("raises", raising)
    registry.add_cache("well", lambda: CacheState(1, 2))
    assert set(registry.caches()) == {"well"}
    assert sum(site.errors for site in guard.sites().values()) == 1


@pytest.mark.parametrize("breaks", [True, False])
def test_49_broken_time_to_live_is_found_by_the_real_thread(monkeypatch: pytest.MonkeyPatch, breaks: bool) -> None:
    """With windows of 0.2 s instead of 20 a broken cache is told of once, on the watch's own thread; others never are.

    ``test_cache_reports.py`` holds the two minutes of true windows on a clock of its own.
    """
    monkeypatch.setattr(caches, "WINDOW_SECONDS", 0.2)
    told: list[str] = []
    found = threading.Event()

    def emit(name: str, *_: object, **__: object) -> None:
        told.append(name)
        found.set()

    registry = HookRegistry(Settings())
    ttl = [60.0]
    cache = cachetools.TLRUCache(100, lambda _key, _value, now: now + ttl[0], time.monotonic)
    register(registry, "prices", cache)
    watch = Watch(CacheReports(registry, emit).tasks(), lambda: None, interval=0.05)
    watch.start()
    broken_at, ends = 0.0, time.monotonic() + 20
    began = time.monotonic()
    while time.monotonic() < ends and not found.is_set():
        for key in range(10):
            if cache.get(key) is None:
                cache[key] = "value"
        if breaks and not broken_at and time.monotonic() - began > 3:
            ttl[0], broken_at = 0.000001, time.monotonic()
            cache.clear()
        if not breaks and time.monotonic() - began > 6:
            break
        time.sleep(0.002)
    watch.stop()
    assert told == (["otelmon.cache.degraded"] if breaks else [])
