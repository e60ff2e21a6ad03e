"""What an attribute holds, told by its key."""

from __future__ import annotations

import pytest

from otelmon.rules.attribute_keys import kind_of


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("db.query.text", "sql"),
        ("db.query.parameter.0", "dropped"),
        ("http.request.header.authorization", "secret"),
        ("http.response.header.location", "url"),
        ("http.request.header.x_original_url", "url"),
        ("http.request.header.accept", "text"),
        ("rpc.response.trailer.referer", "url"),
        ("rpc.response.trailer.age", "text"),
        ("app.db.password", "secret"),
        ("app.name", "text"),
    ],
)
def test_kind_of_a_key(key: str, kind: str) -> None:
    """Known keys have their kind, headers that of their name, and whatever else is named like a secret is one."""
    assert kind_of(key) == kind
