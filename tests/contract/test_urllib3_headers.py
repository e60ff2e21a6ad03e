"""urllib3's headers keep their values where they are read, and are read as by their own ``get``."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING

from urllib3 import HTTPHeaderDict

from otelmon.hooks.urllib3_headers import header_of, told_of
from otelmon.rules.github_headers import FIGURES

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


def test_figures_are_found_in_one_step_or_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """What tells of a budget is the same however it is found, with one absent, and with one sent twice."""
    made = HTTPHeaderDict({name.title(): str(number) for number, name in enumerate(FIGURES)})
    assert told_of(made, HTTPHeaderDict) == ("0", "1", "2", "3", "4")
    made.add(FIGURES[2], "7")
    del made[FIGURES[1]]
    expected = ("0", None, "2, 7", "3", "4")
    assert told_of(made, HTTPHeaderDict) == expected
    monkeypatch.setattr("otelmon.hooks.urllib3_headers._FIELD", "_other")
    assert told_of(made, HTTPHeaderDict) == expected
