"""Readers get unique, bounded names; a bad one harms nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from otelmon import guard
from otelmon.records import CacheState, PoolState
from otelmon.registry.known_figures import LARGEST, known, known_cache_state, known_pool_state
from otelmon.registry.named_readers import OVERFLOW_NAME, NamedReaders


def one_idle() -> PoolState:
    """Returns a state with one idle connection."""
    return PoolState(idle=1)


def table(limit: int = 10) -> NamedReaders[PoolState]:
    """Returns an empty table."""
    return NamedReaders("test.reader", limit, lambda: None)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        pytest.param(["orders"], ["orders"], id="a free name stays"),
        pytest.param(["orders", "orders", "orders"], ["orders", "orders#2", "orders#3"], id="a taken one is numbered"),
        pytest.param(["h:1/d#1", "h:1/d#1"], ["h:1/d#1", "h:1/d#2"], id="a number counts on"),
        pytest.param(["a#b", "a#b"], ["a#b", "a#b#2"], id="a word is no number"),
    ],
)
def test_name_is_unique(given: list[str], used: list[str]) -> None:
    """Each reader has a name of its own, near the one asked for."""
    readers = table()
    assert [readers.add(name, lambda: PoolState(idle=0)) for name in given] == used


def test_same_reader_is_kept_once() -> None:
    """Reporting the same reader under the same name again changes nothing."""
    readers = table()
    assert [readers.add("orders", one_idle), readers.add("orders", one_idle)] == ["orders", "orders"]


def test_freed_name_is_used_again() -> None:
    """A pool made anew gets the name of the one that is gone, so that labels do not pile up."""
    readers = table()
    for _ in range(100):
        assert readers.add("a#1", one_idle) == "a#1"
        readers.remove("a#1")
    readers.remove("never there")
    assert readers.names() == ()


def test_full_table_shares_one_name() -> None:
    """What comes after the limit is counted as overflow and has one name in common."""
    refused: list[int] = []
    readers: NamedReaders[PoolState] = NamedReaders("test.reader", 2, lambda: refused.append(1))
    names = [readers.add(f"pool {number}", one_idle) for number in range(4)]
    assert names == ["pool 0", "pool 1", OVERFLOW_NAME, OVERFLOW_NAME]
    assert len(refused) == 2
    assert readers.read(known_pool_state) == {"pool 0": PoolState(idle=1), "pool 1": PoolState(idle=1)}


@pytest.mark.parametrize(
    "reader",
    [
        pytest.param(lambda: 1 / 0, id="raises"),
        pytest.param(lambda: None, id="returns None"),
        pytest.param(lambda: {"idle": 1}, id="returns a dict"),
        pytest.param(lambda _: PoolState(), id="wants an argument"),
    ],
)
def test_bad_reader_is_absent_and_counted(reader: Any) -> None:
    """A reader that raises or returns rubbish is left out and counted; its neighbor is read all the same."""
    guard.set_strict(False)
    readers = table()
    readers.add("bad", reader)
    readers.add("good", one_idle)
    assert readers.read(known_pool_state) == {"good": PoolState(idle=1)}
    assert guard.sites()["test.reader.bad"].errors == 1
    assert guard.sites()["test.reader.good"].errors == 0


@pytest.mark.parametrize(
    ("value", "figure"),
    [
        pytest.param(0, 0, id="zero"),
        pytest.param(LARGEST, LARGEST, id="largest"),
        pytest.param(LARGEST + 1, None, id="too large to send"),
        pytest.param(10**400, None, id="huge"),
        pytest.param(-1, None, id="negative"),
        pytest.param(None, None, id="none"),
        pytest.param(True, None, id="truth value"),
        pytest.param(1.5, None, id="fraction"),
        pytest.param(float("nan"), None, id="not a number"),
        pytest.param("3", None, id="text"),
    ],
)
def test_impossible_figure_is_unknown(value: Any, figure: int | None) -> None:
    """Only a whole number that can be sent is a figure."""
    assert known(value) == figure
    assert known_pool_state(PoolState(value, value, value, value, value)) == PoolState(*[figure] * 5)
    assert known_cache_state(CacheState(value, value, value, value)) == CacheState(*[figure] * 4)


def test_cache_reader_must_return_a_cache_state() -> None:
    """The message says what was returned and what is right."""
    with pytest.raises(TypeError, match="a cache reader returns CacheState, not PoolState"):
        known_cache_state(PoolState())  # type: ignore[arg-type]  # what a caller without types may do
