"""Makes text that every exporter can encode."""

from __future__ import annotations


def encodable_text(text: str) -> str:
    """Returns the text with ``?`` for each lone surrogate, which UTF-8 and so protobuf cannot carry."""
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode("utf-8")
