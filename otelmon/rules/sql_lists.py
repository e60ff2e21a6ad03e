"""Makes redacted statements equal that differ only in a list's length, a number's sign or a string's syntax."""

from __future__ import annotations

import re

_VALUE = r"(?:\?|%s|%\(\w+\)s|\$\d+|NULL|TRUE|FALSE|DEFAULT)"
_CAST = r"(?:::\w+(?: varying)?(?:\(\?\))?(?:\[\??\])*)?"
_ITEM = rf"{_VALUE}{_CAST}"
_ITEMS = rf"{_VALUE}({_CAST})(?:, ?{_ITEM})*"
_BEFORE_OPERAND = (
    r"[(,=<>*/%|~[:&^#@!+-]|\b(?:SELECT|DISTINCT|WHERE|AND|OR|NOT|IN|BETWEEN|LIKE|IS|BY|ON|SET|VALUES|CASE|WHEN|THEN|ELSE"
    r"|LIMIT|OFFSET|RETURNING|RETURN|TO|HAVING|DEFAULT|FROM|FOR|WITH|FETCH(?: FIRST| NEXT)?|ILIKE|ANY|SOME|ALL"
    r"|SYMMETRIC|ASYMMETRIC|USING|VARIADIC)"
)
# Nobody writes more signs than that, and each position is tried.
_SIGN = re.compile(rf"({_BEFORE_OPERAND})( ?)(?:[-+] ?){{1,4}}\?", re.IGNORECASE)
# The character of a string's own that escapes belongs to it as its quotes do.
_ESCAPED = re.compile(r"\? UESCAPE \?", re.IGNORECASE)
_IN = re.compile(rf"\b(IN ?)\( ?{_ITEMS} ?\)", re.IGNORECASE)
_ARRAY = re.compile(rf"\b(ARRAY ?)\[ ?{_ITEMS} ?\]", re.IGNORECASE)
_ROWS = re.compile(rf"(\( ?{_ITEM}(?:, ?{_ITEM})* ?\))(?: ?, ?\( ?{_ITEM}(?:, ?{_ITEM})* ?\))+", re.IGNORECASE)
_INNER = r"\([^()]*(?:\([^()]*\)[^()]*)*\)"
_NESTED = rf"\([^()]*(?:{_INNER}[^()]*)*\)"
_VALUES = re.compile(rf"\b(VALUES ?{_NESTED})(?: ?, ?{_NESTED})+", re.IGNORECASE)


def collapse_lists(statement: str) -> str:
    """Returns a redacted statement with one item for each list of IN and ARRAY, and one row for many.

    Args:
        statement: without literals, with single blanks.
    """
    if "-" in statement or "+" in statement:
        statement = _SIGN.sub(r"\1\2?", statement)
    upper = statement.upper()
    if "UESCAPE" in upper:
        statement = _ESCAPED.sub("?", statement)
    if "IN (" in upper or "IN(" in upper:
        statement = _IN.sub(r"\1(?\2)", statement)
    if ")" in statement:
        statement = _ROWS.sub(r"\1", statement)
    if "VALUES" in upper:
        statement = _VALUES.sub(r"\1", statement)
    if "[" in statement:
        statement = _ARRAY.sub(r"\1[?\2]", statement)
    return statement
