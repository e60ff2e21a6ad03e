"""urllib3's headers keep their values where they are read, and are read as by their own ``get``."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING

from urllib3 import HTTPHeaderDict

from otelmon.hooks.urllib3_headers import header_of

if TYPE_CHECKING:
    import pytest

NAMES = ("x-ratelimit-used", "twice", "etag", "absent", "x-ratelimit-used\n")


def headers() -> HTTPHeaderDict:
    """Returns headers of which one was sent twice."""
    made = HTTPHeaderDict({"X-RateLimit-Used": "7", "ETag": ""})
    made.add("Twice", "1")
    made.add("twice", "2")
    return made


def test_the_field_is_what_get_reads() -> None:
    """Each header is found as ``get`` finds it, and by the field, not by ``get``."""
    made = headers()
    header = header_of(made, HTTPHeaderDict)
    assert [header(name) for name in NAMES] == [made.get(name) for name in NAMES] == ["7", "1, 2", "", None, None]
    assert header.__qualname__.startswith("header_of.")


def test_another_release_is_read_by_get(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the field is not there, or is something else, the public method is asked."""
    made = headers()
    monkeypatch.setattr("otelmon.hooks.urllib3_headers._FIELD", "_other")
    header = header_of(made, HTTPHeaderDict)
    assert ([header(name) for name in NAMES], header.__name__) == (["7", "1, 2", "", None, None], "get")


def test_headers_of_http_client() -> None:
    """urllib3 1.26 hands on http.client's message."""
    message = http.client.HTTPMessage()
    for name, value in (("X-RateLimit-Used", "7"), ("Twice", "1"), ("twice", "2"), ("ETag", "")):
        message.add_header(name, value)
    header = header_of(message, None)
    assert [header(name) for name in NAMES[:4]] == ["7", "1, 2", "", None]
