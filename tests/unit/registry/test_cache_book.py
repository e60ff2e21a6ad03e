"""What adapters write becomes exact totals; causes are known or absent, and nothing grows."""

from __future__ import annotations

import logging
import threading

import pytest

from otelmon import guard
from otelmon.records import CacheState
from otelmon.registry import CacheBook, HookRegistry
from otelmon.registry.cache_book import LONGEST_LOAD_NS, MOST_PENDING
from otelmon.registry.key_memory import CLOCKS_DIFFER, KeyMemory
from otelmon.registry.observed_caches import ObservedCaches
from otelmon.settings import Settings


@pytest.mark.parametrize(
    ("shared", "end", "now", "cause"),
    [
        pytest.param(False, None, 1e9, "evicted", id="gone without an end"),
        pytest.param(False, 100.0, 98.0, "evicted", id="gone before its end"),
        pytest.param(False, 100.0, 100.0 - CLOCKS_DIFFER / 2, None, id="gone about its end"),
        pytest.param(False, 100.0, 100.0, "expired", id="over"),
        pytest.param(True, 100.0, 100.0, "expired", id="over, shared"),
        pytest.param(True, 100.0, 98.0, None, id="gone, shared"),
        pytest.param(True, None, 98.0, None, id="gone without an end, shared"),
    ],
)
def test_cause_of_a_stored_key(shared: bool, end: float | None, now: float, cause: str | None) -> None:
    """Why a key that was stored is missing follows from its end, where nobody else writes."""
    memory = KeyMemory(shared=shared)
    memory.stored("key", end)
    assert memory.cause("key", now) == cause


def test_cause_of_other_keys() -> None:
    """A key never stored, removed or cleared is absent; in a shared cache nobody knows."""
    memory = KeyMemory(shared=False)
    for key in ("removed", "cleared"):
        memory.stored(key, None)
    memory.removed("removed")
    assert [memory.cause(key, 0) for key in ("never", "removed")] == ["absent", "absent"]
    memory.cleared()
    assert memory.cause("cleared", 0) == "absent"
    assert KeyMemory(shared=True).cause("never", 0) is None


def test_forgotten_keys_have_no_cause() -> None:
    """Beyond the limit the oldest are forgotten, and from then on an unknown key may be one of them."""
    memory = KeyMemory(shared=False, limit=10)
    for key in range(100_000):
        memory.stored(key, None)
    assert memory.cause(5, 0) is None
    assert memory.cause(99_999, 0) == "evicted"
    memory.cleared()
    assert memory.cause(5, 0) == "absent"
    memory.forget()
    assert memory.cause(5, 0) is None


def test_load_is_the_time_from_miss_to_store() -> None:
    """Only a store that follows a miss of the same key is a load, and only within a minute."""
    loads: list[int] = []
    book = CacheBook(loaded=loads.append)
    book.stored("first", None)
    book.missed("a")
    book.stored("b", None)
    book.stored("a", None)
    book.stored("a", None)
    book.loaded(LONGEST_LOAD_NS + 1)
    book.loaded(-1)
    state = book.state()
    assert len(loads) == 1
    assert (state.loads, state.load_ns, state.misses, state.absent) == (1, loads[0], 1, 1)


def test_what_an_adapter_does_not_see_is_unknown() -> None:
    """Evictions, stale hits and saved points that nobody counts are absent, and zero where they are counted."""
    assert CacheBook().state() == CacheState(0, 0, None, None, None, 0, 0, 0, 0, 0, None, None)
    counting = CacheBook(lambda: 3, counts=("evictions", "stale_hits", "saved_points"))
    assert counting.state() == CacheState(0, 0, 0, 3, 0, 0, 0, 0, 0, 0, None, 0)


def test_counts_are_exact_under_threads() -> None:
    """Eight threads that hit and miss, with a reader at work: nothing is lost, nothing counted twice."""
    book = CacheBook()
    reading = threading.Event()

    def work(own: int) -> None:
        for number in range(5000):
            book.hit()
            book.missed((own, number))
            book.stored((own, number), None)

    def read() -> None:
        while not reading.is_set():
            book.state()

    reader = threading.Thread(target=read)
    workers = [threading.Thread(target=work, args=(own,)) for own in range(8)]
    for each in (reader, *workers):
        each.start()
    for each in workers:
        each.join()
    reading.set()
    reader.join()
    state = book.state()
    assert (state.hits, state.misses) == (40_000, 40_000)


def test_pending_misses_are_bounded() -> None:
    """Misses that nobody answers with a store do not pile up."""
    book = CacheBook()
    for key in range(MOST_PENDING * 3):
        book.missed(key)
    book.stored(0, None)
    assert book.state().loads == 0
    book.stored(MOST_PENDING * 3 - 1, None)
    assert book.state().loads == 1


def test_key_that_cannot_be_hashed_harms_nobody() -> None:
    """An error of the adapter's own steps is swallowed and counted."""
    guard.set_strict(False)
    book = CacheBook()
    book.missed([])
    book.stored([], None)
    assert guard.sites()["registry.cache_book"].errors == 2


def test_saved_time_is_hits_by_mean_load() -> None:
    """Each hit counts the mean known when it is read first; later loads do not change what was saved."""
    registry = HookRegistry(Settings())
    states = iter(
        [
            CacheState(hits=5, loads=0, load_ns=0),
            CacheState(hits=5, loads=2, load_ns=20),
            CacheState(hits=8, stale_hits=1, loads=4, load_ns=80),
            CacheState(hits=8, stale_hits=1, loads=8, load_ns=800),
        ]
    )
    registry.add_cache("x", lambda: next(states))
    assert [registry.caches()["x"].saved_ns for _ in range(4)] == [None, 50, 50 + 4 * 20, 130]


def test_counts_that_go_back_are_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """A step backwards is a warning, once a cache; a step to zero, as by clearing, is none."""
    registry = HookRegistry(Settings())
    states = iter([CacheState(hits=hits) for hits in (5, 0, 9, 4, 3, 2, 8)])
    registry.add_cache("x", lambda: next(states))
    with caplog.at_level(logging.WARNING, "otelmon"):
        totals = [registry.caches()["x"].hits for _ in range(7)]
    assert totals == [5, None, 14, None, None, None, 20]
    assert [record.getMessage() for record in caplog.records] == ["cache_counts_went_back name=x fields=hits"]


class Slotted:
    """Cannot be referred to weakly."""

    __slots__ = ()


def test_observed_objects() -> None:
    """A name is free when its object is gone; one without weak references is held; undoing undoes each."""
    removed: list[str] = []
    undone: list[str] = []
    observed = ObservedCaches(removed.append)
    gone, held, quiet = threading.Event(), Slotted(), threading.Event()
    observed.keep("a", gone, "a#2", lambda: undone.append("a"))
    observed.keep("b", held, "b", lambda: undone.append("b"))
    observed.keep_quietly(quiet, lambda: undone.append("q"))
    assert (observed.name_of("a", gone), observed.name_of("x", gone)) == ("a#2", None)
    del gone
    assert removed == ["a#2"]
    observed.release(quiet)
    observed.release(held)
    assert (undone, removed) == (["q"], ["a#2"])
    observed.undo()
    assert undone == ["q", "b"]
    assert observed.name_of("b", held) is None
