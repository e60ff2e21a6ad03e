"""What redaction leaves of a URL."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otelmon.rules.url_redaction import redact_url
from tests.untraced import untraced


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("https://api.github.com/repos/a/b?x=1#y", "https://api.github.com/repos/a/b", id="query"),
        pytest.param("https://u:p@h:8443/x", "https://h:8443/x", id="user info"),
        pytest.param("/a/b?c=d", "/a/b", id="relative"),
        pytest.param("//h/p?q", "//h/p", id="without scheme"),
        pytest.param("http://[::1]:80/x", "http://[::1]:80/x", id="IPv6"),
        pytest.param("http://[fe80::1%25eth0]/x", "http://[fe80::1%25eth0]/x", id="IPv6 zone"),
        pytest.param("https://xn--mnchen-3ya.de/y", "https://xn--mnchen-3ya.de/y", id="punycode"),
        pytest.param("https://m\u00fcnchen.de/y", "https://m\u00fcnchen.de/y", id="international host"),
        pytest.param("http://api:8000/x?email=a@b.c", "http://api:8000/x", id="address in a query"),
        pytest.param("https://packages.example/@scope/pkg", "https://packages.example/@scope/pkg", id="scope"),
        pytest.param("localhost:80/x", "localhost:80/x", id="host and port"),
        pytest.param("postgresql:///app", "postgresql:///app", id="no host"),
        pytest.param("/x/<id>/{name}/:slug", "/x/<id>/{name}/:slug", id="template"),
        pytest.param(
            "/my-long-name-of-a-repository-with-words", "/my-long-name-of-a-repository-with-words", id="words"
        ),
        pytest.param("/a/6ba7b810-9dad-11d1-80b4-00c04fd430c8", "/a/{redacted}", id="uuid"),
        pytest.param("/x/123/y", "/x/123/y", id="number"),
        pytest.param("/x%20y/z", "/x%20y/z", id="encoded blank"),
        pytest.param("*", "*", id="asterisk"),
        pytest.param("mailto:a@b.c", "mailto:?", id="no authority"),
        pytest.param("http://h:port/x", "http://?", id="no port"),
        pytest.param("http://a b@c", "http://?", id="blank in user info"),
        pytest.param("https://u:12?ab@h/x", "https://?", id="password with a question mark"),
        pytest.param("https://u:12#ab@h/x", "https://?", id="password with a hash"),
        pytest.param("http://h?email=a@b.c", "http://h", id="address in a query behind the host"),
        pytest.param("/users/a@b.c", "/users/{redacted}", id="address in a path"),
        pytest.param("/a" * 5000, "/a" * 4096, id="long"),
        pytest.param("", "", id="empty"),
    ],
)
def test_url_becomes(url: str, expected: str) -> None:
    """A URL keeps scheme, host, port and path."""
    assert redact_url(url) == expected


@given(st.text(max_size=300))
def test_any_text_can_be_redacted(text: str) -> None:
    """No text raises, and the result can be encoded and has no query."""
    for url in (text, f"https://{text}", f"https://h/{text}", f"//{text}"):
        redacted = redact_url(url)
        assert redacted.encode() is not None
        assert redacted.count("?") <= redacted.endswith("?") + text.count("\ud800")


@pytest.mark.parametrize("filler", ["a", "/", "@", ":", "%41", "?", "a/", "-a", "["])
def test_time_is_bounded(filler: str) -> None:
    """A URL of 64 KB costs less than a fifth of a second."""
    with untraced():
        started = time.process_time()
        for start in ("https://", "/", ""):
            redact_url(start + filler * (65_536 // len(filler)))
        taken = time.process_time() - started
    assert taken < 0.2
