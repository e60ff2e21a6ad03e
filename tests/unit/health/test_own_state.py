"""What a process says of itself: each thing that is bad is named, what was not seen is unknown."""

from __future__ import annotations

import time

import pytest

from otelmon import guard
from otelmon.health.own_state import OwnState
from otelmon.ledger import Ledger
from otelmon.records import Checkout, GitHubAnswer, GitHubCall, PoolState, RateLimit
from otelmon.registry import HookRegistry
from otelmon.settings import Settings


@pytest.fixture
def registry() -> HookRegistry:
    """Returns an empty registry."""
    return HookRegistry(Settings())


@pytest.fixture
def ledger() -> Ledger:
    """Returns empty books."""
    return Ledger()


@pytest.fixture
def running() -> list[int]:
    """Returns since when calls run."""
    return []


@pytest.fixture
def state(registry: HookRegistry, ledger: Ledger, running: list[int]) -> OwnState:
    """Returns what is looked at."""
    return OwnState(registry, ledger.snapshot, dict, lambda: running)


def test_what_was_not_seen_is_unknown_and_no_reason_to_worry(state: OwnState) -> None:
    """Nothing is invented: a check without facts has no figures, and the process is not degraded by it."""
    seen = state.look()
    checks = {name: check["status"] for name, check in seen["checks"].items()}
    assert checks == {
        "delivery": "unknown", "database": "unknown", "pools": "unknown", "github": "unknown", "caches": "unknown",
        "otelmon": "ok",
    }  # fmt: skip
    assert (seen["status"], seen["reasons"]) == ("ok", [])


def test_a_site_that_is_switched_off_is_named(state: OwnState) -> None:
    """After a hundred errors otelmon sees less than it should, and says where."""
    guard.site("hooks.psycopg2.execute").errors = guard.ERRORS_BEFORE_OFF
    assert state.look()["reasons"] == ["hooks.psycopg2.execute is switched off after 100 errors"]


def test_lost_spans_are_told_by_reason_for_a_minute(state: OwnState, ledger: Ledger) -> None:
    """What was lost before is in the figures and no reason any more."""
    account = ledger.open("otlp")
    account.start()
    account.lose("refused")
    seen = state.look()
    assert seen["reasons"] == ["otlp: 1 spans lost within a minute, refused"]
    assert seen["checks"]["delivery"]["exporters"]["otlp"] == {
        "started": 1, "delivered": 0, "queued": 0, "lost": {"refused": 1},
    }  # fmt: skip


def test_an_exhausted_pool_is_named_with_those_who_hold_it(state: OwnState, registry: HookRegistry) -> None:
    """Once it has room again it is exhausted no more."""
    now = time.monotonic_ns()
    full = PoolState(idle=0, used=1, max=1)
    registry.add_pool("db:5432/shop#1", lambda: full, counted=True)
    code = test_an_exhausted_pool_is_named_with_those_who_hold_it.__code__
    registry.connections.checked_out(1, Checkout("db:5432/shop#1", now - 5_000_000_000, stack=((code, 0),)))
    registry.connections.refused(Checkout("db:5432/shop#1", now), full)
    seen = state.look()
    assert seen["reasons"] == ["pool db:5432/shop#1 is exhausted"]
    pool = seen["checks"]["pools"]["pools"]["db:5432/shop#1"]
    assert (pool["used"], pool["max"], pool["waiting"], pool["exhausted"]) == (1, 1, None, True)
    assert pool["holders"][0]["seconds"] >= 5.0
    assert "test_own_state.py:" in pool["holders"][0]["line"]
    full = PoolState(idle=1, used=0, max=1)
    time.sleep(0.06)  # figures of pools are read anew after 50 ms
    assert state.look()["reasons"] == []


def test_database_calls_that_fail_or_hang_are_told(state: OwnState, registry: HookRegistry, running: list[int]) -> None:
    """A few failures among many successes are daily life; a call that runs for ten seconds hangs."""
    good = registry.operations.durations.cell("good", dict)
    bad = registry.operations.durations.cell("bad", lambda: {"error.type": "57P01"})
    for _ in range(10):
        good.add(1_000_000)
    bad.add(1_000_000)
    assert state.look()["reasons"] == []
    for _ in range(10):
        bad.add(1_000_000)
    assert state.look()["reasons"] == ["11 of 21 database calls failed within a minute"]
    running.append(time.perf_counter_ns() - 12_000_000_000)
    assert "a database call has been running for 12 s" in state.look()["reasons"]


def test_a_spent_budget_is_told(state: OwnState, registry: HookRegistry) -> None:
    """The owner is the hashed name by which metrics call it."""
    reset = int(time.time()) + 600
    answer = GitHubAnswer(200, RateLimit(5000, 0, 5000, reset, "core"))
    registry.github.answered(GitHubCall("abcdef", "/repos"), answer)
    seen = state.look()
    assert seen["reasons"] == ["GitHub budget core of abcdef is spent"]
    assert seen["checks"]["github"]["budgets"][0]["remaining"] == 0


def test_a_reader_that_hangs_is_named(state: OwnState, registry: HookRegistry) -> None:
    """A reader that did not come back twice is called no more; health says which."""
    registry.add_pool("slow#1", PoolState)
    for _ in range(2):
        registry._pools.hung("slow#1")
    assert "the reader of slow#1 does not return" in state.look()["reasons"]


def test_shed_measurements_are_told() -> None:
    """What was counted without a label of its own is work left out."""
    small = HookRegistry(Settings(label_limit=1))
    state = OwnState(small, dict, dict, list)
    for name in ("a", "b"):
        small.operations.was_slow("SELECT", name, None)
    assert state.look()["reasons"] == [
        "otelmon.db.client.slow_operations: 1 measurements without a label of their own within a minute"
    ]
