"""Gives statements that differ in their values only one name of 64 bits, as PostgreSQL's query id groups them.

PostgreSQL names the analyzed tree of a statement (src/backend/nodes/queryjumblefuncs.c); without the tables' columns a
text gives no such tree, so this is an approximation. docs/fingerprints.md says how good it is, version by version.
"""

from __future__ import annotations

import functools
import re
from hashlib import blake2b

from otelmon.rules.sql_redaction import redact_sql

# The beginning of a longer statement stands for it.
LONGEST = 8192
_LONGEST_REMEMBERED = 2048
_BYTES = 8
_TOKEN = re.compile(
    r'"(?P<quoted>(?:[^"]|"")*)"'
    r"|(?P<value>\?|%s|%\(\w+\)s|\$\d+)"
    r"|(?P<word>[^\W\d][\w$]*)"
    r"|(?P<operator>::|[-+*/<>=~!@#%^&|`]+)"
    r"|[^\s;]"
)
_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_$]*")
# A name that is one of these means something else without its quotes (SQL Key Words, those "reserved" in PostgreSQL).
_RESERVED = frozenset(
    """
    all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation
    column concurrently constraint create cross current_catalog current_date current_role current_schema current_time
    current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze
    from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit
    localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references
    returning right select session_user similar some symmetric system_user table tablesample then to trailing true
    union unique user using variadic verbose when where window with
    """.split()  # noqa: SIM905 - a paragraph is easier to read than 90 quoted words
)
# Words that may be left out without a change of meaning.
_NOISE = frozenset(("as", "asc", "inner", "outer"))
_SAME = {"!=": "<>", "%%": "%"}
_TYPES = {
    "int": "integer",
    "int4": "integer",
    "int8": "bigint",
    "int2": "smallint",
    "bool": "boolean",
    "decimal": "numeric",
}
# Words for values, but after IS, NOT and the SET of a foreign key they are part of the statement.
_CONSTANTS = frozenset(("null", "true", "false"))
_NO_VALUE_AFTER = frozenset(("is", "not", "set", "default", "on", "nulls", "from"))
_CAST = re.compile(r"\bcast \( (\S+) as ([^()]+(?:\( [^()]* \))?) \)")
# What is left of a list in which a long statement was cut; whole rows say all that there is to say.
_CUT_ROWS = re.compile(r"(\bvalues \( [^()]* \)) ,[ ,?()]*\Z")
_CUT_LIST = re.compile(r"(?<=\( \?)[ ,?]+\Z")


def fingerprint(sql: str) -> str:
    """Returns the fingerprint of a statement, 16 hexadecimal digits; empty where there is no statement.

    Args:
        sql: one statement of PostgreSQL with values or placeholders, whole or broken, redacted or not.
    """
    return fingerprint_of(redact_sql(sql[:LONGEST], LONGEST), is_cut=len(sql) > LONGEST)


def fingerprint_of(statement: str, *, is_cut: bool = False) -> str:
    """Does the work of ``fingerprint`` for a statement that is redacted already.

    Args:
        statement: the redacted text.
        is_cut: whether it is only the beginning of a longer one.
    """
    # Statements with values in their text come as ever new ones, and are the same without them.
    return (_remembered if len(statement) <= _LONGEST_REMEMBERED else _named)(statement, is_cut)


def _named(statement: str, is_cut: bool) -> str:
    text = canonical(statement)
    if is_cut:
        text = _CUT_LIST.sub("", _CUT_ROWS.sub(r"\1", text))
    return blake2b(text.encode("utf-8", "replace"), digest_size=_BYTES).hexdigest() if text else ""


_remembered = functools.lru_cache(maxsize=512)(_named)


def canonical(statement: str) -> str:
    """Returns what a fingerprint is made of: the redacted statement's tokens, each spelled in one way."""
    tokens: list[str] = []
    before = ""
    for match in _TOKEN.finditer(statement):
        token = _spelled(match, before)
        if token:
            tokens.append(token)
            before = token
    text = " ".join(tokens)
    if "cast (" in text:
        text = _CAST.sub(r"\1 :: \2", text)
    return " ".join(token for token in text.split(" ") if token not in _NOISE)


def _spelled(match: re.Match[str], before: str) -> str:
    kind, token = match.lastgroup, match.group()
    if kind == "word":
        return _word(token.lower(), before)
    if kind == "value":
        return "?"
    if kind == "quoted":
        name = str(match.group("quoted"))
        return name if _PLAIN_NAME.fullmatch(name) and name not in _RESERVED else token
    return _SAME.get(token, token)


def _word(word: str, before: str) -> str:
    if word in _CONSTANTS and before not in _NO_VALUE_AFTER:
        return "?"
    if before in {"::", "as"}:
        return _TYPES.get(word, word)
    return "" if word == "all" and before == "select" else word
