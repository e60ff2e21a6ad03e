"""Which repetitions tell something, and which values are looked at."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from otelmon.calls.statement_facts import statement_facts
from otelmon.rules.n_plus_one import LOOKED_AT_FROM, MANY, kind_of, repetition_of, written_down
from otelmon.rules.retryable_error import is_retryable

ZONE = dt.timezone(dt.timedelta(hours=1))


class Trap(str):
    """Breaks whoever runs the application's code."""

    __slots__ = ()

    def __repr__(self) -> str:
        raise AssertionError

    __str__ = __eq__ = __hash__ = __len__ = __repr__  # type: ignore[assignment]  # a trap


class TrappedZone(dt.tzinfo):
    """Breaks whoever writes the time down."""

    def utcoffset(self, _when: Any) -> dt.timedelta:
        """Must not be called."""
        raise AssertionError


@pytest.mark.parametrize(
    ("statement", "repetition"),
    [
        pytest.param("SELECT a FROM t WHERE b = %s", "both", id="question"),
        pytest.param("SELECT a FROM t WHERE b IN (%s)", "both", id="list of one"),
        pytest.param("SELECT a FROM t WHERE b = %s LIMIT 1", "both", id="first of one"),
        pytest.param("SELECT a FROM t WHERE b = %s FOR UPDATE", "values", id="lock"),
        pytest.param("SELECT nextval('s') FROM t", "values", id="next value"),
        pytest.param("SELECT f(%s)", "values", id="no table"),
        pytest.param("UPDATE t SET a = %s WHERE b = %s", "values", id="write"),
        pytest.param("INSERT INTO t VALUES (%s, %s)", "values", id="one row"),
        pytest.param("INSERT INTO t VALUES (%s, %s), (%s, %s)", "never", id="rows"),
        pytest.param("SELECT a FROM t WHERE b IN (%s, %s)", "never", id="list"),
        pytest.param("UPDATE t SET a = 1; UPDATE t SET a = 2", "never", id="two statements"),
        pytest.param("SELECT a FROM t LIMIT 5 OFFSET 10", "never", id="offset"),
        pytest.param("SELECT a FROM t WHERE a > %s ORDER BY a LIMIT 5", "never", id="key"),
        pytest.param("SELECT count(a), (b) FROM t WHERE c = %s", "both", id="no rows of values"),
        pytest.param("SAVEPOINT s", "never", id="savepoint"),
        pytest.param("COPY t TO STDOUT", "never", id="copy"),
        pytest.param("", "never", id="nothing"),
    ],
)
def test_what_a_repetition_can_tell(statement: str, repetition: str) -> None:
    """Only work for one thing at a time is compared, and only questions are asked in vain twice."""
    assert statement_facts(statement).repetition == repetition


def test_rows_of_values_alone() -> None:
    """Rows are seen where a text begins with them, too."""
    assert repetition_of("VALUES (1), (2)", "SELECT", "SELECT t", "VALUES (?)") == "never"
    assert repetition_of("VALUES (1)", "SELECT", "SELECT t", "VALUES (?)") == "both"


def test_five_executions_are_the_fewest() -> None:
    """Two are counted only, and three that differ are many: below five nothing is said."""
    assert LOOKED_AT_FROM == 3
    assert LOOKED_AT_FROM - 1 + MANY == 5


@pytest.mark.parametrize(
    ("largest", "larger"),
    [
        pytest.param(("x" * 4096,), ("x" * 4097,), id="text"),
        pytest.param((b"x" * 4096,), (b"x" * 4097,), id="bytes"),
        pytest.param({"x" * 4096: 1}, {"x" * 4097: 1}, id="name"),
        pytest.param(((1 << 256) - 1,), (1 << 256,), id="number"),
        pytest.param((1 - (1 << 256),), (-(1 << 256),), id="negative number"),
        pytest.param((1,) * 256, (1,) * 257, id="many"),
    ],
)
def test_largest_values(largest: Any, larger: Any) -> None:
    """Up to 4096 characters, 256 bits and 256 values are compared; one more is unknown."""
    assert written_down(largest) is not None
    assert written_down(larger) is None


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        pytest.param((1,), (1,), True, id="equal"),
        pytest.param((1,), (2,), False, id="number"),
        pytest.param((1,), ("1",), False, id="type"),
        pytest.param((1,), (True,), False, id="truth"),
        pytest.param({"a": 1}, {"a": 2}, False, id="by name"),
        pytest.param(("a", "b"), ("a, b",), False, id="border"),
        pytest.param((Decimal("1.0"), UUID(int=1)), (Decimal("1.0"), UUID(int=1)), True, id="decimal"),
        pytest.param(
            (dt.datetime(2026, 1, 1, tzinfo=ZONE),), (dt.datetime(2026, 1, 2, tzinfo=ZONE),), False, id="time"
        ),
        pytest.param(None, (), False, id="none"),
    ],
)
def test_values_are_compared(one: object, other: object, equal: bool) -> None:
    """Equal values are written down equally, others are not."""
    assert written_down(one) is not None
    assert (written_down(one) == written_down(other)) is equal


@pytest.mark.parametrize(
    "parameters",
    [
        pytest.param(..., id="not told"),
        pytest.param((Trap("x"),), id="subclass"),
        pytest.param({Trap("x") if False else "x": Trap("y")}, id="by name"),
        pytest.param((object(),), id="object"),
        pytest.param(iter([1]), id="iterator"),
        pytest.param(Trap("x"), id="no parameters at all"),
        pytest.param(([1, 2],), id="list"),
        pytest.param(("x" * 5000,), id="long text"),
        pytest.param((1 << 300,), id="large number"),
        pytest.param(tuple(range(300)), id="many"),
        pytest.param((dt.datetime(2026, 1, 1, tzinfo=TrappedZone()),), id="own time zone"),
        pytest.param((memoryview(b"x"),), id="memoryview"),
    ],
)
def test_what_is_not_known_is_not_looked_at(parameters: object) -> None:
    """Values of other than built-in types, and large ones, are unknown; no code of theirs runs."""
    assert written_down(parameters) is None


@pytest.mark.parametrize(
    ("repetition", "distinct", "equal", "kind"),
    [
        pytest.param("both", 3, 1, "n_plus_one", id="three values"),
        pytest.param("values", 3, 1, "n_plus_one", id="three writes"),
        pytest.param("both", 2, 9, None, id="two values"),
        pytest.param("both", 1, 3, "duplicate", id="one value"),
        pytest.param("both", 1, 2, None, id="twice"),
        pytest.param("values", 1, 9, None, id="same write"),
    ],
)
def test_kind(repetition: Any, distinct: int, equal: int, kind: str | None) -> None:
    """Many values are an N+1, one value asked for again and again is a duplicate, anything between is nothing."""
    assert kind_of(repetition, distinct, equal) == kind


@pytest.mark.parametrize(
    ("sqlstate", "retryable"),
    [
        ("40001", True),
        ("40P01", True),
        ("55P03", True),
        ("57P01", True),
        ("08006", True),
        ("57014", False),
        ("", False),
    ],
)
def test_retryable(sqlstate: str, retryable: bool) -> None:
    """Serialization failures, deadlocks, locks, and lost connections ask for another attempt; a cancel does not."""
    assert is_retryable(sqlstate) is retryable
