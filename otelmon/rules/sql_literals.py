"""Takes literals and comments out of SQL text, token by token, in linear time.

Follows the lexical rules of PostgreSQL (https://www.postgresql.org/docs/current/sql-syntax-lexical.html). Where the
meaning of a text depends on a server setting, the reading that hides more is taken.
"""

from __future__ import annotations

import re

# One match is a run of harmless text followed by at most one token of interest. No repetition is followed by anything
# that can fail after it has consumed more than one token, so there is nothing to backtrack into.
_RUN = r"""((?:[^\W\d][\w$]*(?![\w$'&])|[\s(),=*<>+;:%@!?|~^&#\[\]{}`\\]+|\.(?!\d)|-(?!-)|/(?!\*))*)"""
# A name in double quotes stays if it looks like one; a value put in double quotes by mistake does not.
_NAME = r"""("[^\W\d](?:[\w .$:/-]|""){0,62}"(?!")|\$\d{1,5}(?![\w.$]))"""
_LITERALS = (
    r'"[^"]*(?:""[^"]*)*(?:"|\Z)',
    r"[eE]'[^'\\]*(?:(?:''|\\.)[^'\\]*)*(?:'|\Z|\\\Z)",
    r"(?<=[eE][sS][cC][aA][pP][eE] )'\\'(?!')",
    # A backslash before a quote ends the literal or not, as standard_conforming_strings says: all that follows goes.
    r"(?:[bBxXnN]|[uU]&)?'[^'\\]*(?:(?:''|\\[^'])[^'\\]*)*(?:'|\Z|\\.*)",
    r"\$(?P<tag>(?:[^\W\d]\w*)?)\$.*?(?:\$(?P=tag)\$|\Z)",
    r"\.?\d[\w.]*(?:(?<=[eE])[+-]\d[\w.]*)?",
    r"[\u2018\u201c\u00ab].*",
)
_PIECE = re.compile(
    rf"{_RUN}(?:{_NAME}|(?P<literal>{'|'.join(_LITERALS)})|(?P<line>--[^\r\n]*)|(?P<block>/\*)|([^\W\d][\w$]*|.))?",
    re.DOTALL,
)
_COMMENT_EDGE = re.compile(r"/\*|\*/")


def without_literals(text: str) -> str:
    """Returns the text with ``?`` for each literal and a blank for each comment, whitespace left as it is.

    An unterminated literal or comment takes everything after it along. A string that goes on in another line is one.
    """
    pieces: list[str] = []
    position, end, last = 0, len(text), 0
    while position < end and (match := _PIECE.match(text, position)):
        position = match.end()
        kind = match.lastgroup
        if kind is None:
            pieces.append(match.group())
            continue
        pieces.append(match.group(1))
        if kind == "literal":
            last = _add_literal(pieces, last, match.group(kind))
            continue
        pieces.append(" ")
        position = _comment_end(text, position) if kind == "block" else position
    return "".join(pieces)


def _add_literal(pieces: list[str], last: int, literal: str) -> int:
    """Adds ``?``, unless a string is the continuation of the one before in another line; returns where the last ends.

    Source: https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-STRINGS
    """
    between = "".join(pieces[last:]) if last and literal[0] == "'" else ""
    if between.isspace() and ("\n" in between or "\r" in between):
        del pieces[last:]
    else:
        pieces.append("?")
    return len(pieces)


def _comment_end(text: str, position: int) -> int:
    """Returns where a block comment ends that was opened before ``position``; they nest."""
    depth = 1
    for edge in _COMMENT_EDGE.finditer(text, position):
        depth += 1 if edge.group() == "/*" else -1
        if depth == 0:
            return edge.end()
    return len(text)
