"""Literals of PostgreSQL in every syntax, each with planted marks, by the name of the syntax.

Source: https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-CONSTANTS
"""

from __future__ import annotations

from hypothesis import strategies as st

from tests.fuzz.canaries import digits, foreign, mark, words

# What stands around a mark within a value; no backslash, of which a setting of the server says what it means.
_PADDING = st.sampled_from(
    [
        "",
        " ",
        "''",
        "; DROP TABLE t; --",
        "--",
        "/*",
        "*/",
        "$$",
        "$a$",
        '"',
        "\n",
        "\r\n",
        "\t",
        "%s",
        "?",
        "(",
        ")",
        ",",
        "{",
        "}",
        "[",
        "]",
        "@",
        "e",
        "E",
        "U&",
        "SELECT ",
        " FROM ",
        "::",
        ".",
        "\0",
        "\u202e",
        "\ud800",
        "\u2028",
        "\u2019",
    ]
)
_text = st.builds("".join, st.tuples(_PADDING, mark, _PADDING, mark, _PADDING))


def _plain(text: str) -> str:
    return "'" + text.replace("''", "'").replace("'", "''") + "'"


def _escape_string(text: str, quote: str) -> str:
    return "'" + text.replace("''", "'").replace("'", quote) + "'"


def _dollared(text: str, tag: str) -> str:
    return f"${tag}${text.replace('$', '')}${tag}$"


def _hexadecimal(word: str, how: str) -> str:
    return "".join(how.format(ord(letter)) for letter in word)


def _written_with(how: str) -> st.SearchStrategy[str]:
    """Draws a word with its first letters spelled as code points."""
    return st.builds(lambda first, rest: _hexadecimal(first, how) + rest, words, mark)


strings = {
    "quoted": _text.map(_plain),
    "escape string": st.builds(
        "{}{}".format, st.sampled_from("eE"), st.builds(_escape_string, _text, st.sampled_from(["''", "\\'"]))
    ),
    "escaped letters": st.one_of(
        *(_written_with(how).map("E'{}'".format) for how in (r"\x{:02x}", r"\{:o}", r"\u{:04x}", r"\U{:08x}")),
        st.builds("E'{}\\\\'".format, mark),
        st.builds("E'\\n{}\\''".format, mark),
    ),
    "dollar quoted": st.builds(_dollared, _text, st.sampled_from(["", "a", "_b", "Ä", "body"])),
    "dollar quotes within": st.builds("$o$ $i${}$i$ $$ {} $o$".format, mark, mark),
    "unicode string": st.builds("{}{}".format, st.sampled_from(["U&", "u&"]), _text.map(_plain)),
    "unicode escapes": st.one_of(
        _written_with(r"\{:04x}").map("U&'{}'".format),
        _written_with(r"\+{:06x}").map("U&'{}'".format),
        _written_with("!{:04x}").map("U&'{}' UESCAPE '!'".format),
    ),
    "national": st.builds("{}{}".format, st.sampled_from("nN"), _text.map(_plain)),
    "bits": st.builds("{}'{}'".format, st.sampled_from("bBxX"), st.one_of(digits, words)),
    "continued": st.builds("'{}'{}'{}'".format, mark, st.sampled_from(["\n", "\r\n\t", " \n ", " -- c\n"]), mark),
}
numbers = {
    "integer": digits,
    "decimal": st.builds("{}.{}".format, digits, st.one_of(st.just(""), digits)),
    "fraction": st.builds(".{}".format, digits),
    "exponent": st.builds("{}{}{}{}".format, digits, st.sampled_from("eE"), st.sampled_from(["", "+", "-"]), digits),
    "hexadecimal": st.builds("0{}{}".format, st.sampled_from("xX"), digits),
    "octal and binary": st.builds("0{}{}".format, st.sampled_from("oObB"), digits),
    "underscores": st.builds("{}_{}".format, digits, digits),
    "signed": st.builds("{}{}".format, st.sampled_from(["-", "+", "- ", "+ "]), digits),
}
_json = st.builds('{{"{}": [{}, "{}", {{"a": null}}]}}'.format, mark, digits, mark)
typed = {
    "typed": st.builds(
        "{} '{}'".format,
        st.sampled_from(["date", "timestamp with time zone", "interval", "inet", "uuid", "bytea", "point", "xml"]),
        st.one_of(st.builds("{}-{}-{} {}:{}".format, digits, digits, digits, digits, digits), mark),
    ),
    "interval": st.builds("interval '{} days' day to second".format, digits),
    "json": st.builds("'{}'::{}".format, _json, st.sampled_from(["json", "jsonb"])),
    "json path": st.builds("'$.{} ? (@ > {})'::jsonpath".format, words, digits),
    "array text": st.builds("'{{{},\"{}\",NULL}}'::text[]".format, mark, mark),
    "array": st.builds("ARRAY[{}, {}]".format, digits, digits),
    "nested array": st.builds("ARRAY[[{}, {}], [{}, {}]]".format, digits, digits, digits, digits),
    "cast": st.builds("CAST({} AS {})".format, _text.map(_plain), st.sampled_from(["text", "numeric(6,2)", "t1.kind"])),
    "called cast": st.builds("numeric '{}'".format, digits),
    "bytes": st.builds("'\\x{}'::bytea".format, digits),
    "range": st.builds("'[{},{})'::int4range".format, digits, digits),
    "row": st.builds("ROW({}, '{}')".format, digits, mark),
    "composite": st.builds("'({},\"{}\")'::t1".format, digits, mark),
    "full text": st.builds("to_tsquery('english', '{} & {}')".format, words, words),
    "foreign script": st.builds("'{}'".format, foreign),
}
SYNTAXES = {**strings, **numbers, **typed}

string = st.one_of(*strings.values())
number = st.one_of(*numbers.values())
# Those that may stand for each other without a change of the statement's meaning but its values.
exchangeable = st.one_of(*strings.values(), *numbers.values())
literal = st.one_of(*SYNTAXES.values())
