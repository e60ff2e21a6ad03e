"""What redaction leaves of span names."""

from __future__ import annotations

import pytest

from otelmon.rules.span_name import redact_span_name


@pytest.mark.parametrize(
    ("name", "database"),
    [
        ("SELECT", True),
        ("SELECT contributors_2", True),
        ("INSERT app.contributors", True),
        ("GET", False),
        ("GET /x/<id>", False),
        ("GET /repos/{owner}/{repo}", False),
        ("HTTP GET", False),
        ("DELETE /users/5", False),
        ("connection leaked", False),
        ("module.function", False),
        ("select_contributors", False),
    ],
)
def test_good_name_stays(name: str, database: bool) -> None:
    """A name without values comes back as it is."""
    assert redact_span_name(name, database=database) == name


@pytest.mark.parametrize(
    ("name", "database", "expected"),
    [
        ("SELECT * FROM t WHERE a = 'x'", True, "SELECT * FROM t WHERE a = ?"),
        ("SELECT * FROM t WHERE a = 'x'", False, "SELECT * FROM t WHERE a = ?"),
        ("/* alice */ SELECT 1", True, "SELECT ?"),
        ("GET https://u:p@h/x?access_token=y", False, "GET https://h/x"),
        ("GET /x?y=z", False, "GET /x"),
        ("https://h/x?y=z", False, "https://h/x"),
        ("task password=x", False, "task password=[redacted]"),
        ("\ud800", False, "\ufffd"),
        ("a" * 300, False, "a" * 255),
        # As far as it is read, a statement is looked for behind blanks.
        pytest.param(" " * 16_382 + "DO", False, "DO", id="read"),
        pytest.param(" " * 16_383 + "DO", False, " " * 255, id="cut"),
    ],
)
def test_name_loses_values(name: str, database: bool, expected: str) -> None:
    """Statements, URLs and secrets in a name are treated as such."""
    assert redact_span_name(name, database=database) == expected
