"""Case 49 of the table of faults: readers of caches that say what cannot be, or fail."""

from __future__ import annotations

import pytest

from otelmon import guard
from otelmon.records import CacheState
from otelmon.registry import HookRegistry
from otelmon.settings import Settings


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
