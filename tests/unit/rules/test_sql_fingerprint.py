"""Statements that differ in their values only have one fingerprint, and no others have."""

from __future__ import annotations

import time

import pytest

from otelmon.calls.statement_facts import UNREADABLE, statement_facts
from otelmon.rules.sql_fingerprint import LONGEST, fingerprint, fingerprint_of
from otelmon.rules.sql_redaction import redact_sql

SAME = {
    "number": ("SELECT a FROM t WHERE b = 1", "SELECT a FROM t WHERE b = 99.5e3"),
    "sign": ("SELECT a FROM t WHERE b = 1", "SELECT a FROM t WHERE b = -1"),
    "text": ("SELECT a FROM t WHERE b = 'x'", "SELECT a FROM t WHERE b = E'it''s \\' x'"),
    "dollar quote": ("SELECT a FROM t WHERE b = 'x'", "SELECT a FROM t WHERE b = $q$ y' $q$"),
    "null is a value": ("UPDATE t SET a = 1", "UPDATE t SET a = NULL"),
    "truth is a value": ("SELECT a FROM t WHERE b = TRUE", "SELECT a FROM t WHERE b = false"),
    "placeholder": ("SELECT a FROM t WHERE b = 1", "SELECT a FROM t WHERE b = %s"),
    "named placeholder": ("SELECT a FROM t WHERE b = 1", "SELECT a FROM t WHERE b = %(b_1)s"),
    "numbered placeholder": ("SELECT a FROM t WHERE b = 1", "SELECT a FROM t WHERE b = $1"),
    "list": ("SELECT a FROM t WHERE b IN (1)", "SELECT a FROM t WHERE b IN (1, 2, -3)"),
    "rows": ("INSERT INTO t VALUES (1, 'a')", "INSERT INTO t VALUES (1, 'a'), (2, NULL)"),
    "case": ("SELECT a FROM t", "select A from T"),
    "blanks": ("SELECT a FROM t", "SELECT\n\ta\r\nFROM  t ;"),
    "comments": ("SELECT a FROM t", "/* route */ SELECT a -- all\nFROM t"),
    "quotes": ("SELECT a FROM t", 'SELECT "a" FROM "t"'),
    "noise words": ("SELECT a b FROM t JOIN u USING (a)", "SELECT ALL a AS b FROM t INNER JOIN u USING (a)"),
    "order": ("SELECT a FROM t ORDER BY a", "SELECT a FROM t ORDER BY a ASC"),
    "cast": ("SELECT a::int FROM t", "SELECT CAST(a AS int4) FROM t"),
    "unequal": ("SELECT a FROM t WHERE a <> 1", "SELECT a FROM t WHERE a != 1"),
    "percent": ("SELECT a FROM t WHERE a % 2 = 0", "SELECT a FROM t WHERE a %% 2 = 0"),
}
DIFFERENT = {
    "table": ("SELECT a FROM t", "SELECT a FROM u"),
    "column": ("SELECT a FROM t", "SELECT b FROM t"),
    "operator": ("SELECT a FROM t WHERE a > 1", "SELECT a FROM t WHERE a >= 1"),
    "json operator": ("SELECT a -> 'k' FROM t", "SELECT a ->> 'k' FROM t"),
    "direction": ("SELECT a FROM t ORDER BY a", "SELECT a FROM t ORDER BY a DESC"),
    "is null": ("SELECT a FROM t WHERE a IS NULL", "SELECT a FROM t WHERE a IS NOT NULL"),
    "is true": ("SELECT a FROM t WHERE a IS TRUE", "SELECT a FROM t WHERE a IS FALSE"),
    "quoted case": ('SELECT "A" FROM t', "SELECT a FROM t"),
    "quoted key word": ('SELECT "user" FROM t', "SELECT user FROM t"),
    "union all": ("SELECT a FROM t UNION SELECT a FROM u", "SELECT a FROM t UNION ALL SELECT a FROM u"),
    "columns of a row": ("INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (1, 2)"),
    "type": ("SELECT a::int FROM t", "SELECT a::text FROM t"),
}
MEGABYTES = {
    "rows": "INSERT INTO t VALUES " + ",".join(["(1, 'x')"] * 110_000),
    "list": "SELECT a FROM t WHERE b IN (" + ",".join(map(str, range(160_000))) + ")",
    "columns": "SELECT " + ",".join(["abcdef"] * 150_000),
    "quotes": "SELECT " + "'" * 1_000_000,
    "parentheses": "(" * 1_000_000,
    "signs": "-+" * 500_000,
    "signs of values": "SELECT =" + "- " * 500_000,
    "comments": "/*" * 500_000,
    "dollars": "$a$" * 333_333,
    "comparisons": "SELECT a FROM t WHERE " + "a > 1 AND " * 100_000,
    "casts": "SELECT " + "CAST ( " * 150_000,
    "not SQL": "\ud800\x00é" * 333_333,
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_values_and_spelling_do_not_count(one: str, other: str) -> None:
    """Statements that mean the same but for their values have one fingerprint."""
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_meaning_counts(one: str, other: str) -> None:
    """Statements that mean something different have different fingerprints."""
    assert fingerprint(one) != fingerprint(other)


def test_form_of_a_fingerprint() -> None:
    """It is 64 bits in 16 hexadecimal digits, the same in every process; no statement has none."""
    assert fingerprint("SELECT 1") == "b9a4c90ce4157373"
    assert fingerprint(" -- nothing\n;") == ""


@pytest.mark.parametrize("one", [pair[0] for pair in SAME.values()], ids=SAME)
def test_redacted_text_has_the_same_one(one: str) -> None:
    """Whoever has only the redacted text of a span comes to the same fingerprint."""
    assert fingerprint(redact_sql(one)) == fingerprint(one)


def test_length_of_a_long_insert_does_not_count() -> None:
    """Rows past what is read of a statement change nothing."""
    short, long = (f"INSERT INTO t (a, b) VALUES {', '.join(['(1, 2)'] * rows)}" for rows in (2, 90_000))
    assert statement_facts(short).fingerprint == statement_facts(long).fingerprint
    assert fingerprint(short) == fingerprint(long)
    some, many = (f"SELECT a FROM t WHERE b IN ({', '.join(['1'] * values)}" for values in (30_000, 90_000))
    assert fingerprint(some) == fingerprint(many)


def test_as_much_as_is_read_counts() -> None:
    """The 8,192nd character is a part of a statement's name, the next one is not."""
    whole = "SELECT ".ljust(8192, "c")
    assert fingerprint(whole + "d") == fingerprint(whole)
    assert fingerprint(whole[:-1] + "d") != fingerprint(whole)


def test_only_what_is_longer_was_cut() -> None:
    """A broken list at the end of a statement that fits is all there is of it, and is no cut one."""
    end = " IN (?, ?,"
    fits = f"SELECT {'c' * (LONGEST - len('SELECT ' + end))}{end}"
    assert len(fits) == LONGEST
    whole, cut = (fingerprint_of(redact_sql(fits, LONGEST), is_cut=is_cut) for is_cut in (False, True))
    assert fingerprint(fits) == whole
    assert fingerprint(fits + " ?") == fingerprint_of(redact_sql(fits, LONGEST), is_cut=True)
    assert whole != cut


@pytest.mark.parametrize("statement", MEGABYTES.values(), ids=MEGABYTES)
def test_a_megabyte_takes_little_time(statement: str) -> None:
    """Redaction, summary and fingerprint together stay far from the time that a quadratic reading would take."""
    best = min(_seconds(statement + " " * attempt) for attempt in range(3))
    # 50 ms are asked for; a machine that is busy gets five times as many.
    assert best < 0.25


def _seconds(statement: str) -> float:
    began = time.perf_counter()
    statement_facts(statement)
    fingerprint(statement)
    redact_sql(statement)
    return time.perf_counter() - began


@pytest.mark.parametrize("text", ["hunter2 is the password", "{'a': 'b'}", "\x00\ud800", "%", "WHERE secret = top"])
def test_what_is_no_statement_is_not_shown(text: str) -> None:
    """A text that does not begin like a statement becomes a placeholder, never itself."""
    facts = statement_facts(text)
    assert (facts.text, facts.summary) == (UNREADABLE, "OTHER")
