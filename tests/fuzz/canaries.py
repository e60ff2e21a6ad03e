"""What is planted: marks that nothing but a literal of the grammar holds, so that any piece of one is a leak."""

from __future__ import annotations

import re

from hypothesis import strategies as st

# Statements of the grammar have no three of these letters in a row, none of these digits, and no letter of the last.
_LETTERS = "qzxjv"
_DIGITS = "789"
_FOREIGN = "жщ漢ß"
_LEAK = re.compile(rf"[{_LETTERS}]{{3}}|[{_DIGITS}]|[{_FOREIGN}]", re.IGNORECASE)

words = st.text(_LETTERS + _LETTERS.upper(), min_size=5, max_size=9)
digits = st.text(_DIGITS, min_size=1, max_size=9)
foreign = st.text(_FOREIGN, min_size=1, max_size=4)
mark = st.one_of(words, digits, foreign)


def leaks(shown: object) -> list[str]:
    """Returns the pieces of planted values in what was shown."""
    return _LEAK.findall(str(shown))
