"""Each guarded site is made to raise thousands of times: the application notices nothing, and everybody can see it."""

from __future__ import annotations

import gc
import logging
import os
from collections import Counter
from contextlib import closing, contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

import psycopg2
import pytest

from otelmon import guard
from otelmon.health.checks.otelmon_itself import Itself
from otelmon.settings import Settings
from tests.fault.rig.small_applications import KINDS, Kind, Place, answering
from tests.integration.observing import observing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A part of them is tried by FAULT_ROUNDS=1000 make test-guard.
ROUNDS = int(os.environ.get("FAULT_ROUNDS", "10000"))
# In every run of the tests: enough to see a site go off.
FEW_ROUNDS = 110

# Those that are not in every run have many sites, or go through a driver that is.
SELDOM = {"asyncpg_and_its_pool", "sqlalchemy_engine", "callbacks_of_gauges", "httpx_both"}
few = [pytest.param(kind, id=name, marks=[pytest.mark.fault] * (name in SELDOM)) for name, kind in KINDS.items()]


class Planted(Exception):  # noqa: N818 - it is an error of nobody
    """Is raised in the place of otelmon's own code."""


def _planted(*_: object, **__: object) -> NoReturn:
    raise Planted


@contextmanager
def raising(passed: Counter[str], target: str | None = None) -> Iterator[None]:
    """Counts by site what goes through the guard, and makes one site raise."""
    call = guard.call

    def counting(where: guard.Site, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        passed[where.name] += 1
        return call(where, _planted if where.name == target else function, *args, **options)

    guard.call = counting
    try:
        yield
    finally:
        guard.call = call


@contextmanager
def application(kind: Kind, dsn: str) -> Iterator[tuple[Iterator[list[object]], Itself]]:
    """Yields the rounds of an application whose libraries are observed."""
    hooks = [import_module(f"otelmon.hooks.{name}").hook for name in kind.hooks]
    with (
        answering() as port,
        observing(hooks, Settings(github_hosts=(f"127.0.0.1:{port}",))) as observation,
        closing(kind.rounds(Place(dsn, port, observation.registry))) as rounds,
    ):
        yield rounds, Itself(observation.registry)


@pytest.fixture(scope="module")
def dsn(postgres_dsn: str) -> str:
    """Returns the address of a database that has the table."""
    with psycopg2.connect(postgres_dsn) as connection:
        connection.cursor().execute("CREATE TABLE IF NOT EXISTS items (id int PRIMARY KEY)")
        connection.cursor().execute("INSERT INTO items VALUES (1), (2), (3) ON CONFLICT DO NOTHING")
    connection.close()
    return postgres_dsn


def raise_everywhere(kind: Kind, dsn: str, caplog: pytest.LogCaptureFixture, rounds: int) -> set[str]:
    """Makes each site in turn raise, and returns those that did."""
    with answering() as port, closing(kind.rounds(Place(dsn, port))) as bare:
        usual = next(bare)
    # Pools and connections of earlier tests tell of their end when they are collected; they are none of this one.
    gc.collect()
    passed: Counter[str] = Counter()
    with application(kind, dsn) as (running, _), raising(passed):
        assert next(running) == usual
    sites = set(passed)
    for target in sorted(sites):
        _raise_at(target, kind, dsn, usual, caplog, rounds)
    return sites


def _raise_at(  # noqa: PLR0913, PLR0917 - what is raised, where, and what is looked at
    target: str, kind: Kind, dsn: str, usual: list[object], caplog: pytest.LogCaptureFixture, rounds: int
) -> None:
    guard.reset()
    guard.set_strict(False)
    caplog.clear()
    passed: Counter[str] = Counter()
    with caplog.at_level(logging.WARNING, "otelmon"), application(kind, dsn) as (running, itself):
        with raising(passed, target):
            for _ in range(rounds):
                assert next(running) == usual, target
        check = itself.look(0.0)
        site = guard.site(target)
        seen = site.errors, site.skipped
    assert seen[0] == min(passed[target], guard.ERRORS_BEFORE_OFF), target
    assert seen[1] == passed[target] - seen[0], target
    lines = [each for each in caplog.messages if f"site={target} " in each]
    assert 1 <= len(lines) <= 2, lines
    if seen[0] == guard.ERRORS_BEFORE_OFF:
        assert check.status == "degraded", target
        assert any(target in reason for reason in check.reasons), check
    others = {name: each.errors for name, each in guard.sites().items() if each.errors and name != target}
    assert others == {}, (target, others)


@pytest.mark.parametrize("kind", few)
def test_each_site_goes_off_and_nobody_notices(kind: Kind, dsn: str, caplog: pytest.LogCaptureFixture) -> None:
    """A hundred and ten rounds for each site of a library and of what a call of it leads to."""
    sites = raise_everywhere(kind, dsn, caplog, FEW_ROUNDS)
    assert kind.sites <= sites
    assert sites


@pytest.mark.fault
@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_each_site_raises_ten_thousand_times(kind: Kind, dsn: str, caplog: pytest.LogCaptureFixture) -> None:
    """Ten thousand rounds for each."""
    assert raise_everywhere(kind, dsn, caplog, ROUNDS)
