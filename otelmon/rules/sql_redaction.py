"""Takes every literal and comment out of SQL text, so that it can be shown."""

from __future__ import annotations

import re

_LITERAL = re.compile(
    r"""--[^\n]*|/\*.*?(?:\*/|\Z)|(?:\b[EeBbXxNn]|\b[Uu]&)?'(?:[^']|'')*(?:'|\Z)"""
    r"""|\$([A-Za-z_]\w*)?\$.*?(?:\$\1\$|\Z)|(?<![\w$])\.?\d[\w.]*(?:[eE][+-]\d+)?""",
    re.DOTALL,
)


def redact_sql(text: str, limit: int = 4096) -> str:
    """Returns the statement with ``?`` for each literal, at most ``limit`` characters."""
    return " ".join(_LITERAL.sub("?", text[:65536]).split())[:limit]
