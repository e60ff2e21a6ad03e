"""What must hold of redaction for everything that the grammar can say; one function a promise."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hypothesis import given, seed, settings
from hypothesis import strategies as st

from otelmon.calls.statement_facts import statement_facts
from otelmon.rules.sql_fingerprint import fingerprint
from otelmon.rules.sql_redaction import redact_sql
from tests.fuzz import roads
from tests.fuzz.canaries import leaks
from tests.fuzz.database_errors import errors
from tests.fuzz.hostile_texts import READERS, Megabyte, Reader, megabytes
from tests.fuzz.statements import statements, twins
from tests.untraced import untraced

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Asked for by the project: a megabyte of whatever text, by each road.
MOST_SECONDS = 0.050
_ATTEMPTS = 8


@dataclass(frozen=True)
class Promise:
    """Holds what must be true, and of what."""

    holds: Callable[..., None]
    drawn_from: tuple[st.SearchStrategy[Any], ...]

    def check(self, bounds: settings, number: int | None = None) -> None:
        """Draws examples within bounds, from a seed where one is given; raises what a broken promise raises."""
        # Bounds belong to a function for good, so that each check has one of its own.
        checked = bounds(given(*self.drawn_from)(self.holds))
        (checked if number is None else seed(number)(checked))()


PROMISES: list[Promise] = []


def drawn_from(*strategies: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Makes a function a promise about what is drawn."""

    def add(holds: Callable[..., None]) -> Callable[..., None]:
        PROMISES.append(Promise(holds, strategies))
        return holds

    return add


@drawn_from(statements())
def no_value_leaves_a_statement(statement: str) -> None:
    """No planted value of a statement is shown by any road, and what is shown stays as it is when redacted again."""
    shown = roads.of_statement(statement)
    _assert_nothing_leaks(shown)
    assert shown["redacted twice"] == shown["text"]


@drawn_from(statements(), st.integers(0, 1 << 16))
def no_value_leaves_a_cut_statement(statement: str, at: int) -> None:
    """A statement that was cut anywhere on its way gives nothing away either."""
    shown = roads.of_statement(statement[: at % (len(statement) + 1)])
    _assert_nothing_leaks(shown)


@drawn_from(st.lists(statements(closed=True), min_size=2, max_size=3))
def no_value_leaves_several_statements(several: list[str]) -> None:
    """Statements sent together hide what each alone hides."""
    shown = roads.of_statement("\n;\n".join(several))
    _assert_nothing_leaks(shown)


@drawn_from(errors())
def no_value_leaves_an_error(error: tuple[str, str]) -> None:
    """No planted value of a database's error is shown by any road."""
    shown = roads.of_error(*error)
    _assert_nothing_leaks(shown)


@drawn_from(twins())
def twins_have_one_fingerprint(pair: tuple[str, str]) -> None:
    """Statements that differ in literals only have one fingerprint, one summary and one collection."""
    one, other = pair
    first, second = statement_facts(one), statement_facts(other)
    assert fingerprint(one) == fingerprint(other), (redact_sql(one), redact_sql(other))
    told = [(each.fingerprint, each.operation, each.summary, each.collection) for each in (first, second)]
    assert told[0] == told[1]


@drawn_from(megabytes)
def a_megabyte_is_read_in_time(megabyte: Megabyte) -> None:
    """No text of a megabyte keeps any rule for longer than 50 ms of this thread; time is its least of some attempts."""
    text = megabyte.text()
    slow = {name: taken for name, read in READERS.items() if (taken := _seconds(read, text)) > MOST_SECONDS}
    assert not slow, slow


def _assert_nothing_leaks(shown: Mapping[str, object]) -> None:
    leaking = {road: it for road, it in shown.items() if leaks(it)}
    assert not leaking, "a planted value left:\n" + "\n".join(f"  {road}: {it}" for road, it in leaking.items())


def _seconds(read: Reader, text: str) -> float:
    """Returns the least time of the attempts; each reads another text, for what was read before is remembered."""
    best = float("inf")
    for attempt in range(_ATTEMPTS):
        another = text + " " * attempt
        with untraced():
            began = time.thread_time()
            read(another)
            best = min(best, time.thread_time() - began)
        if best <= MOST_SECONDS:
            break
    return best
