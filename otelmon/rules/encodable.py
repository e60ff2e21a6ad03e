"""Makes text that every exporter can encode."""

from __future__ import annotations

import re

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_REPLACEMENT = "\ufffd"


def encodable_text(text: str) -> str:
    """Returns the text with U+FFFD for each lone surrogate, which UTF-8 and so protobuf cannot carry."""
    return text if text.isascii() else _LONE_SURROGATE.sub(_REPLACEMENT, text)
