"""Builds statements of PostgreSQL around literals in every syntax, each with a planted value."""

from __future__ import annotations

from hypothesis import strategies as st

# Long enough never to occur by chance, and of letters that no statement below contains.
MARK = "qzxjqv"

_anything = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
_tag = st.text(alphabet="abc_", max_size=3)
_blank = st.sampled_from([" ", "  ", "\n", "\t", " /* c */ ", " -- c\n", "\r\n"])


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "").replace("'", "''") + "'"


def _escaped(value: str, escape: str) -> str:
    return "E'" + value.replace("\\", "\\\\").replace("'", escape) + "'"


def _dollared(value: str, tag: str) -> str:
    return f"${tag}${value.replace('$', '')}${tag}$"


_value = st.builds(lambda before, after: f"{before}{MARK}{after}", _anything, _anything)
_number = st.one_of(
    st.integers(min_value=10**6, max_value=10**15).map(str),
    st.decimals(min_value=0, max_value=10**9, places=4).map(str),
    st.integers(min_value=2**20, max_value=2**60).map(hex),
    st.builds("{}e{:+d}".format, st.integers(100_000, 999_999), st.integers(-30, 30)),
)
literals = st.one_of(
    _value.map(_quoted),
    st.builds(_escaped, _value, st.sampled_from(["''", "\\'"])),
    st.builds(_dollared, _value, _tag),
    _value.map(lambda value: "U&" + _quoted(value)),
    st.builds("{} {}".format, st.sampled_from(["date", "interval", "jsonb"]), _value.map(_quoted)),
    _number,
    st.builds("-{}".format, _number),
)
# Statements with a place for a literal; "{b}" is any whitespace or comment.
SHAPES = (
    "SELECT{b}* FROM t1 WHERE a ={b}{x} AND b > {x} LIMIT {x}",
    "INSERT INTO t (a, b) VALUES ({x},{b}{x})",
    'UPDATE "My Table" SET a = {x}, b = b{b}- {x} WHERE c = $1 AND d = %(name)s',
    "DELETE FROM t USING u WHERE t.a = {x} OR u.b <> ALL(ARRAY[{x}, {x}])",
    "WITH r AS (SELECT {x} AS a) SELECT f(a, {x}) FROM r GROUP BY a HAVING count(*) > {x}",
    "CALL p({x}, {x}, {x})",
    "SELECT CASE WHEN a = {x} THEN {x} ELSE {x} END FROM t; SELECT {x}",
)
# Typed literals carry their type, which is not part of the value.
untyped = st.one_of(_value.map(_quoted), st.builds(_dollared, _value, _tag), _number)


def fill(shape: str, values: list[str], blanks: list[str]) -> str:
    """Returns a shape with its places filled, values and blanks taken in turn."""
    parts = shape.replace("{b}", "\0b\0").replace("{x}", "\0x\0").split("\0")
    turn = {"x": iter(values * 9), "b": iter(blanks * 9)}
    return "".join(next(turn[part]) if part in turn else part for part in parts)


def statements(literal: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, list[str], list[str]]]:
    """Draws a shape with literals and blanks for it."""
    return st.tuples(
        st.sampled_from(SHAPES),
        st.lists(literal, min_size=1, max_size=5),
        st.lists(_blank, min_size=1, max_size=3),
    )


row_lists = st.lists(st.lists(untyped, min_size=3, max_size=3), min_size=1, max_size=6)
