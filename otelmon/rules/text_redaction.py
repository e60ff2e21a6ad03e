"""Takes secrets out of free text."""

from __future__ import annotations

import re

_QUERY = re.compile(r"\?\S+")


def redact_text(text: str) -> str:
    """Returns the text without URL queries."""
    return _QUERY.sub("?", text)
