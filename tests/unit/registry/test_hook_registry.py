"""The registry: checkouts, bounds, and forks."""

from __future__ import annotations

import gc
import os
import time

import pytest

from otelmon.records import Checkout, GitHubAnswer, GitHubCall, PoolState, RateLimit
from otelmon.registry import HookRegistry
from otelmon.registry.named_readers import OVERFLOW_NAME
from otelmon.settings import Settings

MS = 1_000_000
CALL = GitHubCall("a", "/user")
ANSWER = GitHubAnswer(403, RateLimit(100, 99, 1, int(time.time()) + 3600, "core"), "primary")


def checkout(pool: str = "p", since_ms: int = 0) -> Checkout:
    """Returns a checkout that began ``since_ms`` after the start of the clock."""
    return Checkout(pool, since_ms * MS)


def refuse(registry: HookRegistry, pool: str = "p") -> None:
    """Lets a pool refuse one request."""
    registry.connections.refused(checkout(pool), PoolState())


@pytest.fixture
def registry() -> HookRegistry:
    """Returns an empty registry with a leak after 1000 ms."""
    return HookRegistry(Settings(leak_after_ms=1000, label_limit=4))


def test_longest_hold_of_a_counted_pool_without_checkouts_is_zero(registry: HookRegistry) -> None:
    """Of a pool whose checkouts are counted it is known that none is out; of others nothing is known."""
    registry.add_pool("counted", PoolState, counted=True)
    registry.add_pool("other", PoolState)
    assert registry.connections.held_longest_ns(0) == {"counted": 0}
    assert (registry.connections.checkouts(), registry.connections.timeouts()) == ({"counted": 0}, {"counted": 0})
    assert set(registry.connections.leaked().values()) == {0}


def test_removed_pool_is_absent_and_its_counts_stay(registry: HookRegistry) -> None:
    """A closed pool has no state any more; what it has counted is not taken back."""
    name = registry.add_pool("p", lambda: PoolState(idle=1), counted=True)
    refuse(registry, name)
    assert registry.pools() == {"p": PoolState(idle=1)}
    registry.remove_pool(name)
    assert registry.pools() == {}
    assert registry.connections.timeouts() == {"p": 1}


def test_pools_beyond_the_limit_share_a_name(registry: HookRegistry) -> None:
    """Their checkouts and leaks are seen all the same, under one label in common."""
    names = [registry.add_pool("p#1", lambda n=n: PoolState(idle=n), counted=True) for n in range(4)]
    assert names == ["p#1", "p#2", OVERFLOW_NAME, OVERFLOW_NAME]
    assert registry.overflow() == {"db.client.connection.count": 2}
    registry.connections.checked_out(1, checkout(OVERFLOW_NAME))
    assert len(registry.connections.leaks(2000 * MS)) == 1


def test_known_zeros_are_known_in_a_forked_child(registry: HookRegistry) -> None:
    """A counted pool of the parent counts from zero in the child."""
    registry.add_pool("p", PoolState, counted=True)
    refuse(registry)
    registry.after_fork()
    assert (registry.connections.timeouts(), registry.connections.checkouts()) == ({"p": 0}, {"p": 0})


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_forked_child_starts_empty(registry: HookRegistry) -> None:
    """A child inherits no count, budget or checkout, even if the parent held every lock; pools stay readable."""
    registry.add_pool("p", lambda: PoolState(idle=1), counted=True)
    registry.connections.checked_out(1, checkout())
    refuse(registry)
    registry.github.answered(CALL, ANSWER)
    registry.connections.leaks(5000 * MS)
    registry.github._budgets._lock.acquire()
    registry.github._costs._lock.acquire()
    registry.github.secondary._lock.acquire()
    child = os.fork()
    if child == 0:
        registry.after_fork()
        registry.github.answered(CALL, ANSWER._replace(refusal=None))
        good = (
            registry.connections.checkouts() == registry.connections.timeouts() == {"p": 0}
            and set(registry.connections.leaked().values()) == {0}
            and registry.github.requests() == {("core", "/user"): 1}
            and registry.github.refused.snapshot() == {}
            and registry.connections.held_longest_ns(0) == {"p": 0}
            and registry.connections.leaks(9000 * MS) == ()
            and registry.pools() == {"p": PoolState(idle=1)}
        )
        os._exit(0 if good else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def test_counting_within_a_garbage_collection_does_not_hang(registry: HookRegistry) -> None:
    """Finalizers that run inside any step of the registry may use it: nothing waits for itself."""

    class Counts:
        def __init__(self) -> None:
            self.itself = self

        def __del__(self) -> None:
            refuse(registry)
            registry.connections.checked_in(7)
            registry.github.answered(CALL, ANSWER)
            registry.connections.timeouts()

    before = gc.get_threshold()
    gc.set_threshold(1, 1, 1)
    try:
        for number in range(200):
            Counts()
            registry.connections.checked_out(number, checkout())
            registry.github.answered(CALL, ANSWER)
            registry.connections.leaks(0)
    finally:
        gc.set_threshold(*before)
    gc.collect()
    assert registry.connections.timeouts() == {"p": 200}
