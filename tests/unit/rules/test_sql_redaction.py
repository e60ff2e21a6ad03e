"""What redaction leaves of a statement, and that it holds for statements nobody thought of."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from otelmon.rules.sql_literals import without_literals
from otelmon.rules.sql_operation import OPERATIONS, OTHER, operation_name
from otelmon.rules.sql_redaction import LONGEST_READ, redact_sql
from otelmon.rules.sql_summary import query_summary
from tests.unit.rules.postgresql_grammar import MARK, fill, literals, row_lists, statements, untyped
from tests.untraced import untraced

MEGABYTE = 1 << 20


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        pytest.param("SELECT a1, b_2 FROM t3 WHERE c = 'x'", "SELECT a1, b_2 FROM t3 WHERE c = ?", id="string"),
        pytest.param("SELECT 'it''s', ''", "SELECT ?, ?", id="doubled quote, empty string"),
        pytest.param("SELECT E'it\\'s', a", "SELECT ?, a", id="escape string"),
        pytest.param("SELECT $$a 'b$$, $x$c$x$", "SELECT ?, ?", id="dollar quotes"),
        pytest.param("SELECT a$b$c FROM t", "SELECT a$b$c FROM t", id="dollar inside a name"),
        pytest.param("SELECT $1, %s, %(name)s, :p", "SELECT $1, %s, %(name)s, :p", id="placeholders"),
        pytest.param("SELECT 1, 1.5, .5, 1e-3, 0x1F, 1_000", "SELECT ?, ?, ?, ?, ?, ?", id="numbers"),
        pytest.param("SELECT -1, a = -2, b - 3", "SELECT ?, a = ?, b - ?", id="signs"),
        pytest.param("SELECT a FROM t WHERE b = +1", "SELECT a FROM t WHERE b = ?", id="sign alone"),
        pytest.param("SELECT a FROM t WHERE b IN(1,2)", "SELECT a FROM t WHERE b IN(?)", id="list without a blank"),
        pytest.param("SELECT date'2020-01-01'::text", "SELECT date?::text", id="typed literal and cast"),
        pytest.param('SELECT "Tab"."co""l" FROM "S"', 'SELECT "Tab"."co""l" FROM "S"', id="quoted names"),
        pytest.param("SELECT 1 /* a /* b */ c */ + 2 -- d\n, 3", "SELECT ? + ? , ?", id="comments"),
        pytest.param("SELECT  a\n\tFROM   t ", "SELECT a FROM t", id="whitespace"),
        pytest.param("a IN (1, 2, 3) AND b IN (%s,%s)", "a IN (?) AND b IN (?)", id="lists"),
        pytest.param("a IN (1)", "a IN (?)", id="list of one"),
        pytest.param("a IN ('x'::uuid, 'y'::uuid)", "a IN (?::uuid)", id="list with casts"),
        pytest.param("(a, b) IN ((1, 2), (3, 4))", "(a, b) IN ((?, ?))", id="list of rows"),
        pytest.param("a = ANY(ARRAY[1, 2])", "a = ANY(ARRAY[?])", id="array"),
        pytest.param(
            "INSERT INTO t VALUES (1, now()), (2, now()) RETURNING a",
            "INSERT INTO t VALUES (?, now()) RETURNING a",
            id="rows",
        ),
        pytest.param(
            "INSERT INTO t VALUES (f(g(1)), -2), (f(g(3)), 4)", "INSERT INTO t VALUES (f(g(?)), ?)", id="rows of calls"
        ),
        pytest.param("a - -1 + b[-2]", "a - ? + b[?]", id="sign after an operator"),
        pytest.param("f(1, 2) + f(3)", "f(?, ?) + f(?)", id="arguments are no list"),
        pytest.param("a IS NULL AND b = TRUE", "a IS NULL AND b = TRUE", id="constants stay"),
        pytest.param("ALTER ROLE x PASSWORD 'y'; SELECT a", "ALTER ROLE ?; SELECT a", id="role"),
        pytest.param("SET LOCAL a.b = c; SELECT d", "SET LOCAL a.b = ?; SELECT d", id="setting"),
        pytest.param('SET "a b" . c TO d', 'SET "a b" . c = ?', id="setting with a quoted name"),
        pytest.param("ALTER DATABASE a SET b.c TO d", "ALTER DATABASE a SET b.c = ?", id="setting of a database"),
        pytest.param("SET ROLE x", "SET ROLE ?", id="set role"),
        pytest.param("SELECT a; SET ROLE x", "SELECT a; SET ROLE ?", id="set role after another statement"),
        pytest.param("SET TRANSACTION READ ONLY", "SET TRANSACTION READ ONLY", id="transaction mode"),
        pytest.param("UPDATE t SET a = b", "UPDATE t SET a = b", id="set of an update"),
        pytest.param("COPY t (a) FROM STDIN WITH (FORMAT csv);\n1", "COPY t (a) FROM STDIN", id="copy data"),
        pytest.param('SELECT "FROM STDIN" FROM t', 'SELECT "FROM STDIN" FROM t', id="copy words as a name"),
        pytest.param("SELECT 'a", "SELECT ?", id="unterminated string"),
        pytest.param("SELECT a /* b", "SELECT a", id="unterminated comment"),
        pytest.param("SELECT 'a\\', b", "SELECT ?", id="quote that may be escaped"),
        pytest.param("a LIKE b ESCAPE '\\' AND c", "a LIKE b ESCAPE ? AND c", id="escape character"),
        pytest.param("SELECT U&'!0061' UESCAPE '!', a", "SELECT ?, a", id="escape of a string's own"),
        pytest.param("SELECT 'a'\n -- b\n 'c', d", "SELECT ?, d", id="string that goes on in another line"),
        pytest.param("SELECT 'a' 'c'", "SELECT ? ?", id="strings side by side"),
        pytest.param("SELECT a ?\n'c'", "SELECT a ? ?", id="operator before a string"),
        pytest.param(
            "(ALTER DATABASE a SET b.c TO d", "(ALTER DATABASE a SET b.c = ?", id="setting after a parenthesis"
        ),
        pytest.param(
            "CREATE FUNCTION f() RETURNS int SET b.c TO d", "CREATE FUNCTION f() RETURNS int SET b.c = ?", id="function"
        ),
        pytest.param("a LIMIT +1 FETCH FIRST -2 ROWS", "a LIMIT ? FETCH FIRST ? ROWS", id="signs after key words"),
        pytest.param("SELECT '\ud800', \ud800", "SELECT ?, \ufffd", id="lone surrogates"),
        pytest.param("", "", id="empty"),
    ],
)
def test_statement_becomes(statement: str, expected: str) -> None:
    """A statement keeps its words, names and placeholders, and nothing else."""
    assert redact_sql(statement) == expected


def test_output_is_bounded() -> None:
    """The limit holds, and the cut leaves no name open that a second reading would misread."""
    statement = "SELECT " + ", ".join(f'"column {index}x"' for index in range(1000))
    for limit in (0, 1, 20, 21, 22, 23, 100, 4096):
        redacted = redact_sql(statement, limit)
        assert len(redacted) <= limit
        assert redact_sql(redacted, limit) == redacted


@given(statements(literals))
def test_no_value_leaves_any_statement(drawn: tuple[str, list[str], list[str]]) -> None:
    """Whatever the syntax of a literal, its value is gone: from text, summary and operation."""
    statement = fill(*drawn)
    shown = redact_sql(statement) + query_summary(statement) + operation_name(statement)
    assert MARK not in shown
    assert not re.search(r"(?<![\w$])\d", shown)


@given(statements(untyped), st.lists(untyped, min_size=1, max_size=5))
def test_statements_that_differ_in_literals_are_equal(
    drawn: tuple[str, list[str], list[str]], others: list[str]
) -> None:
    """Two statements of one shape are the same text afterwards."""
    shape, values, blanks = drawn
    assert redact_sql(fill(shape, values, blanks)) == redact_sql(fill(shape, others, blanks))


@given(row_lists, row_lists)
def test_lists_of_any_length_are_equal(rows: list[list[str]], others: list[list[str]]) -> None:
    """The number of rows and of list items does not tell statements apart."""

    def statement(of: list[list[str]]) -> str:
        values = ", ".join(f"({', '.join(row)})" for row in of)
        return f"INSERT INTO t VALUES {values}; SELECT a FROM t WHERE b IN ({', '.join(row[0] for row in of)})"

    assert redact_sql(statement(rows)) == redact_sql(statement(others))


_TOKENS = r"""
' " $ $a$ E' U&' \ -- /* */ 1 e . - ( ) , [ ] VALUES IN( SET x ; ? = ALTER TO FROM STDIN ESCAPE %s $1 ARRAY[
"""
SYNTAX = st.lists(
    st.sampled_from([*_TOKENS.split(), " ", "\n", "\0"]),
    max_size=40,
).map("".join)


@given(st.one_of(st.text(max_size=200), SYNTAX))
@settings(max_examples=300)
def test_any_text_can_be_redacted_again(text: str) -> None:
    """No text raises, the result can be encoded, and redacting it again changes nothing."""
    redacted = redact_sql(text)
    assert redact_sql(redacted) == redacted
    assert redacted.encode() is not None
    assert operation_name(text) in OPERATIONS | {OTHER}
    assert len(query_summary(text)) <= 255


@given(SYNTAX, SYNTAX)
@settings(max_examples=300)
def test_broken_statement_hides_what_follows_an_open_quote(before: str, after: str) -> None:
    """A value in quotes that PostgreSQL would read as one is gone, whatever stands around it."""
    statement = f"SELECT a FROM t WHERE b = '{MARK}' {after}"
    assert MARK not in redact_sql(statement)
    assert MARK not in redact_sql(f"SELECT $tag$ {before} {MARK} $tag$")


ADVERSARIES = {
    "open quote": "'" + "a" * MEGABYTE,
    "quotes": "'" * MEGABYTE,
    "backslashes": "E'" + "\\" * MEGABYTE,
    "nested comments": "/*" * (MEGABYTE // 2),
    "short comments": "/**/" * (MEGABYTE // 4),
    "one dollar tag": "$" + "a" * MEGABYTE,
    "many dollar tags": "".join(f"$t{index}$" for index in range(MEGABYTE // 8)),
    "dollars": "$" * MEGABYTE,
    "digits": "1" * MEGABYTE,
    "list": "IN (" + "1," * (MEGABYTE // 2),
    "rows": "VALUES " + "(1,2)," * (MEGABYTE // 6),
    "open rows": "VALUES (" * (MEGABYTE // 8),
    "parentheses": "(" * MEGABYTE,
    "signs": "=-" * (MEGABYTE // 2),
    "names": '"a' * (MEGABYTE // 2),
    "settings": ";SET a" * (MEGABYTE // 6),
    "alters": ";ALTER a " * (MEGABYTE // 9),
    "from": "FROM a, b " * (MEGABYTE // 10),
    "extract": "EXTRACT(" * (MEGABYTE // 8),
    "with": "WITH a AS (" * (MEGABYTE // 11),
    "blanks": " " * MEGABYTE,
}


def _seconds(text: str) -> float:
    with untraced():
        started = time.process_time()
        redact_sql(text)
        query_summary(text)
        operation_name(text)
        return time.process_time() - started


@pytest.mark.parametrize("text", ADVERSARIES.values(), ids=ADVERSARIES.keys())
def test_time_is_bounded(text: str) -> None:
    """A hostile megabyte costs less than a second in all three rules, on a machine that is busy otherwise."""
    assert _seconds(text) < 1.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("\n'abc'", "\n?", id="a string at first, behind a line end"),
        pytest.param("/* c */\n'abc'", " \n?", id="and behind a comment"),
        pytest.param("'a'\n'b'", "?", id="goes on in another line"),
        pytest.param("'a'\n'b", "?", id="goes on without end"),
        pytest.param("'a'\nE'b'", "?\n?", id="another kind of string is another one"),
        pytest.param("'a' 'b'", "? ?", id="in one line it does not go on"),
    ],
)
def test_strings_go_on_in_other_lines_only(text: str, expected: str) -> None:
    """A plain string behind a plain one is the rest of it where a line ends between them."""
    assert without_literals(text) == expected


@pytest.mark.parametrize("text", ADVERSARIES.values(), ids=ADVERSARIES.keys())
def test_time_grows_with_length_only(text: str) -> None:
    """The scanner itself reads a hostile megabyte, which nothing cuts here, in linear time."""
    with untraced():
        started = time.process_time()
        without_literals(text)
        assert time.process_time() - started < 3.0


def test_long_statement_is_cut_before_it_is_read() -> None:
    """What lies behind the bound is not looked at, and the literal that the cut opens is hidden."""
    statement = "SELECT '" + "a" * LONGEST_READ + f"' {MARK}"
    assert redact_sql(statement) == "SELECT ?"
    assert redact_sql("a" * LONGEST_READ * 2, 2 * LONGEST_READ) == "a" * 16_384


def test_what_is_returned_is_cut() -> None:
    """At 4096 characters or where it is asked for, before a name in double quotes that would be left open."""
    assert redact_sql("a" * 5000) == "a" * 4096
    for text, limit, expected in (("ab cd", 5, "ab cd"), ("ab cd", 4, "ab c"), ("ab cd", 3, "ab"), ("ab", 0, ""),
                                  ("ab", -1, ""), ('ab "cd"', 6, "ab"), ('ab "cd"', 7, 'ab "cd"')):  # fmt: skip
        assert redact_sql(text, limit) == expected
