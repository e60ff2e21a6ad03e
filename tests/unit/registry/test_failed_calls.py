"""Errors of calls are known while somebody keeps them, held for a while, and told once."""

from __future__ import annotations

import gc
from typing import Any

from otelmon.registry import failed_calls
from otelmon.registry.failed_calls import SECONDS_HELD, FailedCall, FailedCalls


class FailedError(Exception):
    """An error of a driver."""


class Clock:
    """Shows the time that it was set to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Returns the time."""
        return self.now


def known(clock: Clock | None = None) -> FailedCalls:
    """Returns a table that somebody wants."""
    made = FailedCalls(clock or Clock())
    made.is_wanted = True
    return made


def call(name: str = "a") -> FailedCall:
    """Returns the facts of one call."""
    span: Any = type("Span", (), {"trace_id": 1, "span_id": 2, "trace_flags": 1})()
    return FailedCall({"name": name}, span, 3)


def test_an_error_is_told_once_and_says_whether_it_was_reported() -> None:
    """Before its time nothing is due; afterwards each call is, with what became of its error."""
    clock = Clock()
    table = known(clock)
    one, other = FailedError(), FailedError()
    assert table.hold(one, call("one"))
    assert table.hold(other, call("other"))
    table.report(one)
    assert table.due() == []
    clock.now = SECONDS_HELD
    assert [(each.attributes["name"], reported) for each, reported in table.due()] == [("one", True), ("other", False)]
    assert table.due(everything=True) == []
    assert table.of(one) is not None


def test_what_an_error_was_raised_from_is_found() -> None:
    """An ORM's error leads to the driver's by orig, any other by its cause or context."""
    table = known()
    error, wrapper = FailedError(), RuntimeError()
    table.hold(error, call())
    wrapper.__cause__ = error
    assert table.of(wrapper) == table.of(error)
    orm: Any = ValueError()
    orm.orig = error
    assert table.of(orm) is not None
    assert table.of(ValueError()) is None
    assert table.of(None) is None


def test_an_error_is_not_kept_alive() -> None:
    """Once nobody keeps it, its identity may come again and belongs to nobody; its event is told all the same."""
    table = known()
    table.hold(FailedError(), call())
    gc.collect()
    assert table._known == {}
    assert len(table.due(everything=True)) == 1


def test_nested_calls_tell_of_one_error_once() -> None:
    """The same error that ends one call within another is held once."""
    table, error = known(), FailedError()
    assert table.hold(error, call())
    assert table.hold(error, call())
    assert len(table.due(everything=True)) == 1


def test_nothing_is_held_where_nobody_wants_it_or_it_cannot_be() -> None:
    """Without a reporter, for a class without weak references, and when the table is full the event goes at once."""
    table = FailedCalls()
    assert not table.hold(FailedError(), call())
    table.is_wanted = True
    assert not table.hold(ValueError(), call())
    kept = [FailedError() for _ in range(failed_calls.MOST)]
    assert all(table.hold(each, call()) for each in kept)
    assert not table.hold(FailedError(), call())
