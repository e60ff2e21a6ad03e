"""Rules remember what they made of a short text, and no more texts than they may: memory stays bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from otelmon.rules.sql_fingerprint import fingerprint_of
from otelmon.rules.sql_redaction import redact_sql
from otelmon.rules.sql_summary import query_summary
from otelmon.rules.text_redaction import redact_text
from otelmon.rules.url_redaction import redact_url

if TYPE_CHECKING:
    from collections.abc import Callable

    Rule = Callable[[str], str]

SQL, TEXT, URL = "SELECT a{} FROM t{}", "password=x y{} {}", "/a{}/b{}?c"
# The rule, a template of texts, the length of the longest that is remembered, and how many are.
RULES = [
    pytest.param(redact_sql, SQL, 4096, 512, id="redact_sql"),
    pytest.param(query_summary, SQL, 4096, 512, id="query_summary"),
    pytest.param(fingerprint_of, SQL, 2048, 512, id="fingerprint_of"),
    pytest.param(redact_text, TEXT, 256, 2048, id="redact_text"),
    pytest.param(redact_url, URL, 512, 512, id="redact_url"),
]


def _text(template: str, number: int, length: int = 0) -> str:
    """Returns a text that no other test has, of that length."""
    text = template.format(f"remembered{number}", "{}")
    return text.format("z" * (length - len(text) + len("{}"))) if length else text.format("z")


@pytest.mark.parametrize(("rule", "template", "longest", "most"), RULES)
def test_texts_up_to_a_length_are_remembered(rule: Rule, template: str, longest: int, most: int) -> None:
    """The very same result comes back for a text of that length; one that is longer is read anew."""
    for length, is_remembered in ((longest, True), (longest + 1, False)):
        text = _text(template, most, length)
        assert len(text) == length
        first, second = rule(text), rule(text)
        assert first == second
        assert (first is second) is is_remembered


@pytest.mark.parametrize(("rule", "template", "longest", "most"), RULES)
def test_so_many_texts_are_remembered(rule: Rule, template: str, longest: int, most: int) -> None:
    """One text and as many others as there is room beside it; one more, and it is forgotten."""
    for others, is_remembered in ((most - 1, True), (most, False)):
        first = rule(_text(template, longest))
        for number in range(others):
            rule(_text(template, longest + 1 + number))
        assert (rule(_text(template, longest)) is first) is is_remembered
