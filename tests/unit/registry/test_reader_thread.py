"""A reader that hangs holds up neither the collection of metrics nor other readers, and is left out in the end."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

import pytest

from otelmon import guard
from otelmon.records import CacheState, PoolState
from otelmon.registry import HookRegistry
from otelmon.registry.reader_thread import LONGEST_READ, MOST_ABANDONED
from otelmon.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Hanging:
    """Hangs in every reading until it is let go."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.calls = 0

    def __call__(self) -> CacheState:
        """Hangs."""
        self.calls += 1
        self.gate.wait(60)
        return CacheState(hits=4711)


@pytest.fixture
def registry() -> Iterator[HookRegistry]:
    """Yields a registry whose readers run apart."""
    registry = HookRegistry(Settings())
    registry.readers.start()
    yield registry
    registry.readers.stop()


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    """Yields a reader that hangs, and lets it go at the end."""
    reader = Hanging()
    yield reader
    reader.gate.set()


def own_threads() -> set[threading.Thread]:
    """Returns the threads of readers that are there now."""
    return {each for each in threading.enumerate() if each.name == "otelmon-readers"}


def until(condition: Callable[[], bool]) -> None:
    """Waits for something to become true."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_reading_runs_apart_and_is_fresh(registry: HookRegistry) -> None:
    """Each collection sees the figures of its moment, read by a thread of otelmon's."""
    threads: set[str] = set()
    hits = [0]

    def reader() -> CacheState:
        threads.add(threading.current_thread().name)
        return CacheState(hits=hits[0])

    registry.add_cache("x", reader)
    registry.add_pool("p", lambda: PoolState(idle=1))
    for count in (1, 5, 9):
        hits[0] = count
        until(lambda count=count: registry.caches() == {"x": CacheState(hits=count)})
    assert registry.pools() == {"p": PoolState(idle=1)}
    assert threads == {"otelmon-readers"}


def test_instruments_of_one_collection_share_a_round(registry: HookRegistry) -> None:
    """Reading several times in a row reads each cache once."""
    calls = []
    registry.add_cache("x", lambda: calls.append(1) or CacheState(hits=1))
    until(lambda: "x" in registry.caches())
    calls.clear()
    began = time.monotonic()
    for _ in range(20):
        registry.caches()
    assert len(calls) <= 2 + (time.monotonic() - began) / 0.05


@pytest.mark.parametrize("order", ["before", "after"])
def test_hanging_reader_is_left_out(
    registry: HookRegistry, hanging: Hanging, order: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Collections go on within a moment, the neighbor is read again, and the reader is called twice at most."""
    guard.set_strict(False)
    hits = [0]
    readers = {"good": lambda: CacheState(hits=hits[0]), "hangs": hanging}
    for name in sorted(readers, reverse=order == "before"):
        registry.add_cache(name, readers[name])
    waits = []
    for _ in range(2):
        began = time.monotonic()
        registry.caches()
        waits.append(time.monotonic() - began)
        until(lambda: hanging.calls > 0)
        time.sleep(LONGEST_READ)
        registry.readers.check()
    hits[0] = 7
    with caplog.at_level(logging.WARNING, "otelmon"):
        until(lambda: registry.caches() == {"good": CacheState(hits=7)})
    assert max(waits) < LONGEST_READ
    assert hanging.calls == 2
    assert guard.sites()["registry.cache_reader.hangs"].errors == 2
    hanging.gate.set()
    hits[0] = 8
    until(lambda: registry.caches() == {"good": CacheState(hits=8)})


def test_what_comes_late_changes_nothing(registry: HookRegistry, hanging: Hanging) -> None:
    """A reading that was given up is not taken when it comes back."""
    guard.set_strict(False)
    before = own_threads()
    registry.add_cache("hangs", hanging)
    registry.caches()
    time.sleep(LONGEST_READ)
    registry.readers.check()
    registry.remove_cache("hangs")
    hanging.gate.set()
    until(lambda: own_threads() <= before)
    assert registry.caches() == {}


def test_too_many_hanging_readers_end_reading(registry: HookRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    """The threads that readers hold are limited; beyond it the last figures stand."""
    guard.set_strict(False)
    monkeypatch.setattr("otelmon.registry.reader_thread.LONGEST_READ", 0.0)
    before = own_threads()
    gates = [Hanging() for _ in range(MOST_ABANDONED + 5)]
    for number, each in enumerate(gates):
        registry.add_cache(f"hangs {number:02}", each)
    for _ in range(MOST_ABANDONED * 3):
        registry.caches()
    assert len(own_threads() - before) <= MOST_ABANDONED + 1
    assert registry.caches() == {}
    for each in gates:
        each.gate.set()


def test_no_thread_can_start(registry: HookRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the end of an interpreter, where no thread starts any more, readers run in place."""

    def refuses(_: object) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    registry.add_cache("x", lambda: CacheState(hits=1))
    monkeypatch.setattr(threading.Thread, "start", refuses)
    assert registry.caches() == {"x": CacheState(hits=1)}


def test_forked_child_reads_with_a_thread_of_its_own(registry: HookRegistry) -> None:
    """What fork leaves of the parent's thread is forgotten."""
    registry.add_cache("x", lambda: CacheState(hits=3))
    until(lambda: "x" in registry.caches())
    registry.after_fork()
    until(lambda: registry.caches() == {"x": CacheState(hits=0)})


def test_reader_that_reads_all_caches_gets_the_last_figures(registry: HookRegistry) -> None:
    """A reader that asks the registry from within does not wait for itself."""
    inner: list[dict[str, CacheState]] = []
    registry.add_cache("x", lambda: inner.append(registry.caches()) or CacheState(size=1))
    until(lambda: registry.caches() == {"x": CacheState(size=1)})
    assert inner[0] == {}
