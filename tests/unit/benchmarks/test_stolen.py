"""How much of the machine was away is read from the system's own counters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import stolen
from benchmarks.stolen import Stolen, ticks

if TYPE_CHECKING:
    import pytest

BEFORE = "cpu  100 0 50 800 10 0 5 35 7 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n"
AFTER = "cpu  200 0 100 1600 20 0 10 70 99 0\n"


def test_guests_are_not_counted_twice() -> None:
    """Time of guests stands in that of users already."""
    assert ticks(BEFORE) == (35, 1000)


def test_share_is_of_what_passed(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that was before counts."""
    counters = tmp_path / "stat"
    counters.write_text(BEFORE)
    monkeypatch.setattr(stolen, "COUNTERS", counters)
    measured = Stolen()
    assert measured.share() == "unknown"
    counters.write_text(AFTER)
    assert measured.share() == "3.5%"


def test_a_system_without_counters_is_unknown(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unknown is not zero."""
    monkeypatch.setattr(stolen, "COUNTERS", tmp_path / "absent")
    assert Stolen().share() == "unknown"
