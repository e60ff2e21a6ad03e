"""The token that callers of health must bring."""

from __future__ import annotations

from pathlib import Path

LARGEST_TOKEN = 4096


def token_of(token: str, path: str) -> str:
    """Returns the first line of a file, or where no file is named the token itself.

    Raises:
        OSError: the file cannot be read.
        ValueError: it holds no token.
    """
    if not path:
        return token
    with Path(path).open(encoding="utf-8") as file:
        read = file.read(LARGEST_TOKEN).partition("\n")[0].strip()
    if not read:
        raise ValueError("the file of the token is empty")
    return read
