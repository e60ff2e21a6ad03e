"""Which attributes can be kept apart from the others of their span."""

from __future__ import annotations

import pytest

from otelmon.rules.plain_attribute import is_plain


class _Text(str):
    """Is a text of another class, which the SDK may treat in its own way."""

    __slots__ = ()


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("user.id", "u-1", True),
        ("password", "hunter2", True),
        ("next.url", "http://a:b@c/", True),
        ("http.url", "http://a:b@c/", True),
        ("url.query", "a=b", True),
        ("count", 0, True),
        ("flag", False, True),
        ("ratio", float("nan"), True),
        ("db.system.name", "postgresql", False),
        ("otelmon.keep", "mine", False),
        ("error.type", "X", False),
        ("exception.message", "x", False),
        ("code.stacktrace", "x", False),
        ("", 1, False),
        ("ümlaut", 1, False),
        (7, 1, False),
        (_Text("text"), 1, False),
        ("text", _Text("text"), False),
        ("none", None, False),
        ("bytes", b"", False),
        ("list", [1], False),
    ],
)
def test_plain(key: object, value: object, expected: bool) -> None:
    """Plain are values of the four simple classes under keys that no rule reads beside others."""
    assert is_plain(key, value) is expected
