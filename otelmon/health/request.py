"""Reads the head of one HTTP request, as far as health needs it."""

from __future__ import annotations

import hmac
from typing import NamedTuple

LARGEST_HEAD = 8192
END = b"\r\n\r\n"
_SCHEME = b"bearer "


class Request(NamedTuple):
    """Holds method, path without a query, and the bearer token, empty where there is none."""

    method: str
    path: str
    token: bytes


def read(head: bytes) -> Request | None:
    """Returns the request, or None where this is no head of HTTP/1."""
    lines = head.split(END, 1)[0].split(b"\r\n")
    words = lines[0].split(b" ")
    if len(words) != 3 or not words[2].startswith(b"HTTP/1."):  # noqa: PLR2004 - method, target, version
        return None
    token = b""
    for line in lines[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"authorization" and value.strip().lower().startswith(_SCHEME):
            token = value.strip()[len(_SCHEME) :].strip()
    return Request(words[0].decode("latin-1"), words[1].decode("latin-1").partition("?")[0], token)


def is_allowed(request: Request, token: str) -> bool:
    """Tells whether a request may see more than whether somebody lives; where no token is set everybody may."""
    return not token or hmac.compare_digest(request.token, token.encode())
