"""Takes every literal and comment out of SQL text, so that it can be shown."""

from __future__ import annotations

import functools
import re

from otelmon.rules.encodable import encodable_text
from otelmon.rules.sql_lists import collapse_lists
from otelmon.rules.sql_literals import without_literals

# Longer text is cut before it is read: that only makes its last literal an unterminated one, which is hidden whole.
LONGEST_READ = 16_384
LONGEST_REMEMBERED = 4096
_REST = r'(?:"[^"]*"|[^;"])*'
# A statement that the server would refuse, for what stands before its verb, was sent all the same.
_START = r'((?:^|;)[^\w";]*)'
# Statements in which a bare word can be a secret.
_ACCOUNT = re.compile(
    rf"{_START}((?:CREATE|ALTER) (?:ROLE|USER|GROUP|SUBSCRIPTION|SERVER|FOREIGN DATA WRAPPER))\b{_REST}", re.IGNORECASE
)
_SET_SPECIAL = re.compile(
    rf"{_START}(SET (?:(?:SESSION|LOCAL) )?(?:ROLE|AUTHORIZATION|TIME ZONE))\b{_REST}", re.IGNORECASE
)
# Longer than two names of the server's can be; without a bound, many such names would be read again and again.
_SETTING = r'(?:[\w.]|"[^"]*"| \. ?){1,200}'
_SET = re.compile(
    rf"{_START}((?:(?:ALTER|CREATE) {_REST}?\b)?SET (?:(?:SESSION|LOCAL) )?{_SETTING}) ?(?:=|TO\b){_REST}",
    re.IGNORECASE,
)
_COPY_DATA = re.compile(r'("[^"]*")|\b(FROM STDIN)\b.*', re.IGNORECASE)
_UTILITY = re.compile(r'[^\w";]*(?:SET|ALTER|CREATE) ', re.IGNORECASE)


def redact_sql(text: str, limit: int = 4096) -> str:
    """Returns a statement with ``?`` for each literal and without comments, on one line.

    Statements that differ only in literals, or in how many of them a list has, become equal. Placeholders and names
    stay. A text that is redacted already comes back as it is.

    Args:
        text: one or more statements of PostgreSQL, whole or broken.
        limit: the most characters to return.
    """
    known = _remembered(text) if len(text) <= LONGEST_REMEMBERED else _redacted(text[:LONGEST_READ])
    return known if len(known) <= limit else _cut(known, limit)


def _redacted(text: str) -> str:
    statement = " ".join(without_literals(encodable_text(text)).split())
    if _UTILITY.match(statement) or ";" in statement or "STDIN" in statement.upper():
        statement = _without_utility_values(statement)
    return collapse_lists(statement)


_remembered = functools.lru_cache(maxsize=512)(_redacted)


def _without_utility_values(statement: str) -> str:
    statement = _COPY_DATA.sub(lambda match: match.group(1) or match.group(2), statement)
    statement = _ACCOUNT.sub(r"\1\2 ?", statement)
    statement = _SET_SPECIAL.sub(r"\1\2 ?", statement)
    return _SET.sub(r"\1\2 = ?", statement)


def _cut(statement: str, limit: int) -> str:
    """Cuts where no name in double quotes is left open, which a second reading would take for a literal."""
    cut = statement[: max(0, limit)]
    if cut.count('"') % 2:
        cut = cut[: cut.rindex('"')]
    return cut.rstrip()
