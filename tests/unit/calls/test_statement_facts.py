"""What is read out of a statement, for spans and for labels."""

from __future__ import annotations

import pytest

from otelmon.calls.statement_facts import LONGEST, StatementTable, statement_facts


@pytest.mark.parametrize(
    ("statement", "operation", "summary", "collection"),
    [
        pytest.param("SELECT a FROM t WHERE b = 1", "SELECT", "SELECT t", "t", id="one table"),
        pytest.param("select * from a join b on a.x = b.x", "SELECT", "SELECT a b", "", id="two tables"),
        pytest.param('SELECT 1 FROM "my table"', "SELECT", 'SELECT "my table"', '"my table"', id="quoted name"),
        pytest.param("SELECT 1", "SELECT", "SELECT", "", id="no table"),
        pytest.param("CALL work(1)", "CALL", "CALL work", "", id="procedure"),
        pytest.param("COPY t FROM STDIN", "COPY", "COPY t", "t", id="copy"),
        pytest.param(b"INSERT INTO t VALUES ('x')", "INSERT", "INSERT t", "t", id="bytes"),
        pytest.param(bytearray(b"DELETE FROM t"), "DELETE", "DELETE t", "t", id="bytearray"),
        pytest.param("frobnicate t", "OTHER", "OTHER", "", id="unknown verb"),
        pytest.param("", "OTHER", "OTHER", "", id="empty"),
        pytest.param(None, "OTHER", "OTHER", "", id="nothing"),
        pytest.param(object(), "OTHER", "OTHER", "", id="no text"),
        pytest.param(memoryview(b"SELECT 1"), "OTHER", "OTHER", "", id="memoryview"),
    ],
)
def test_facts(statement: object, operation: str, summary: str, collection: str) -> None:
    """Operation from the closed set, summary, and the one table where there is one."""
    facts = statement_facts(statement)
    assert (facts.operation, facts.summary, facts.collection) == (operation, summary, collection)


@pytest.mark.parametrize("statement", ["SELECT 'planted'", b"SELECT 'planted'", "SELECT '" + "planted" * 2000])
def test_text_has_no_literal(statement: object) -> None:
    """The text is redacted, also where the literal was cut."""
    assert statement_facts(statement).text == "SELECT ?"


def test_text_can_be_left_out() -> None:
    """Without text the other facts stay."""
    facts = statement_facts("SELECT a FROM t", with_text=False)
    assert (facts.text, facts.summary) == ("", "SELECT t")
    assert "db.query.text" not in facts.attributes


def test_known_facts_are_the_same_object() -> None:
    """A text that comes again costs one look-up."""
    table = StatementTable(with_text=True)
    assert table.facts("SELECT again FROM t") is table.facts("SELECT again FROM t")


def test_known_facts_are_bounded() -> None:
    """However many statements there are, few are remembered, and none is wrong."""
    table = StatementTable(with_text=True, limit=10)
    for number in range(1000):
        assert table.facts(f"SELECT a FROM t{number}").collection == f"t{number}"
    assert len(table._known) <= 10
    assert table.facts("SELECT " + "a, " * 2000 + "b FROM t").operation == "SELECT"
    assert len(table._known) <= 10


def test_text_is_bounded() -> None:
    """However long a statement is, its text is not longer than a span may show."""
    assert len(statement_facts("SELECT " + ", ".join(f"column_{n}" for n in range(10_000))).text) <= LONGEST


def test_a_subclass_of_text_is_read_as_text() -> None:
    """Methods that an application has given its texts do not run."""

    class Loud(str):
        __slots__ = ()

        def __getitem__(self, key: object) -> str:  # type: ignore[override]  # hostile on purpose
            raise RuntimeError

        __hash__ = __len__ = __getitem__  # type: ignore[assignment]  # hostile on purpose

    assert statement_facts(Loud("SELECT a FROM t")).summary == "SELECT t"
