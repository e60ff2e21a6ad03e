"""A bounded number of what `make fuzz` looks at for minutes."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otelmon.rules.sql_redaction import redact_sql
from tests.fuzz import properties
from tests.fuzz.canaries import leaks
from tests.fuzz.literals import SYNTAXES

# A megabyte is read by every rule, and that takes longer than a statement.
EXAMPLES = {"a_megabyte_is_read_in_time": 15}
MOST_EXAMPLES = 150


@pytest.mark.parametrize("promise", properties.PROMISES, ids=lambda each: each.holds.__name__)
def test_promise_is_kept(promise: properties.Promise) -> None:
    """Whatever the grammar says, the promise is kept."""
    some = EXAMPLES.get(promise.holds.__name__, MOST_EXAMPLES)
    promise.check(settings(max_examples=some, deadline=None, suppress_health_check=[HealthCheck.too_slow]))


@pytest.mark.parametrize("syntax", SYNTAXES)
@given(drawn=st.data())
@settings(max_examples=15)
def test_every_syntax_is_hidden(syntax: str, drawn: st.DataObject) -> None:
    """Each literal of the grammar holds marks that would be seen, and nothing of it is left but its type."""
    literal = drawn.draw(SYNTAXES[syntax])
    assert leaks(literal)
    shown = redact_sql(f"SELECT a FROM t1 WHERE b = {literal} AND c")
    assert not leaks(shown)
    assert shown.startswith("SELECT a FROM t1 WHERE b = ")
    assert shown.endswith(" AND c")
