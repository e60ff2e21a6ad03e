"""The guard swallows, counts, switches off and says so once a minute."""

from __future__ import annotations

import logging

import pytest

from otelmon import guard


@pytest.fixture(autouse=True)
def _as_in_production():
    guard.set_strict(False)
    yield
    guard.reset()
    guard.set_strict(True)


def _fail() -> None:
    raise ValueError("a secret")


def test_result_passes_through() -> None:
    """A guarded function returns what it returns."""
    assert guard.guarded("test.result")(lambda x: x + 1)(1) == 2


def test_error_is_swallowed_and_counted() -> None:
    """A failing function returns None, and its site counts one error."""
    assert guard.guarded("test.swallow")(_fail)() is None
    assert guard.site("test.swallow").errors == 1


def test_log_names_site_and_type_but_not_the_message(caplog) -> None:
    """The log line carries no text of the exception, which may hold data."""
    with caplog.at_level(logging.WARNING, "otelmon"):
        guard.call(guard.site("test.log"), _fail)
    assert caplog.messages == ["otelmon_internal_error site=test.log error=ValueError count=1"]


def test_second_error_within_a_minute_is_not_logged(caplog) -> None:
    """A site that keeps failing writes one line a minute."""
    with caplog.at_level(logging.WARNING, "otelmon"):
        for _ in range(10):
            guard.call(guard.site("test.once"), _fail)
    assert len(caplog.messages) == 1


@pytest.mark.parametrize("kind", ["call", "decorator"])
def test_site_is_switched_off_after_a_hundred_errors(kind: str) -> None:
    """The function is not called any more, and the calls left out are counted."""
    calls = []

    def fail() -> None:
        calls.append(1)
        raise ValueError

    name = f"test.off.{kind}"
    where = guard.site(name)
    safe = guard.guarded(name)(fail) if kind == "decorator" else lambda: guard.call(where, fail)
    for _ in range(150):
        safe()
    assert (len(calls), where.errors, where.skipped) == (100, 100, 50)


def test_strict_raises() -> None:
    """In this project's own suite an internal error fails the test."""
    guard.set_strict(True)
    with pytest.raises(ValueError, match="a secret"):
        guard.call(guard.site("test.strict"), _fail)
    with pytest.raises(ValueError, match="a secret"):
        guard.guarded("test.strict")(_fail)()


def test_sites_are_listed() -> None:
    """Every site that was ever named can be read."""
    guard.site("test.listed")
    assert "test.listed" in guard.sites()


def test_system_exit_passes() -> None:
    """The end of the process is not an error of ours to swallow."""

    def leave() -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        guard.call(guard.site("test.exit"), leave)
