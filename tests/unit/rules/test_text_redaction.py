"""What redaction leaves of free text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otelmon.rules.text_redaction import redact_text
from tests.untraced import untraced


@pytest.mark.parametrize(
    "text",
    [
        "",
        "GET",
        "api.github.com",
        "python-requests/2.32.5",
        "10.0.0.1",
        "an ordinary sentence: nothing to hide",
        "/srv/a.py",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    """Text without secrets comes back as it is."""
    assert redact_text(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Bearer x", "Bearer [redacted]", id="bearer"),
        pytest.param("Basic dXNlcjpwdw==", "Basic [redacted]", id="basic"),
        pytest.param("host=a password=b user=c", "host=a password=[redacted] user=c", id="libpq"),
        pytest.param("see https://u:p@h/x?y=z, then", "see https://h/x, then", id="url"),
        pytest.param("url: /user?access_token=a (Caused", "url: /user? (Caused", id="target"),
        pytest.param('"token": "a b", "n": 1', '"token": [redacted], "n": 1', id="json"),
    ],
)
def test_secret_is_replaced(text: str, expected: str) -> None:
    """Only the secret goes; what stands around it stays."""
    assert redact_text(text) == expected


def test_long_text_is_cut() -> None:
    """What lies behind 16,384 characters is not read."""
    assert redact_text("a" * 20_000) == "a" * 16_384


@given(st.text(max_size=300), st.sampled_from(["password=", "https://", "Bearer ", "?", "eyJ", "token: '", ""]))
def test_any_text_can_be_redacted_again(text: str, sign: str) -> None:
    """No text raises, and the result can be encoded."""
    redacted = redact_text(f"{text} {sign}{text}")
    assert redacted.encode() is not None
    assert redact_text(redacted).encode() is not None


@pytest.mark.parametrize(
    "filler", ["token", "a", "=", "password='", "https://", "?", "eyJa.", "sk-", ";a=", "a:", "cookie", " "]
)
def test_time_is_bounded(filler: str) -> None:
    """A hostile megabyte costs less than half a second."""
    with untraced():
        started = time.process_time()
        redact_text(filler * (1_048_576 // len(filler)))
        taken = time.process_time() - started
    assert taken < 0.5
