"""How GitHub's answers are read: headers, throttling, budgets, owners and routes."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otelmon.records import RateLimit
from otelmon.rules.github_budget import is_expired, is_same_window, merge_budget
from otelmon.rules.github_graphql import is_mutation
from otelmon.rules.github_headers import read_rate_limit, read_retry_after, told_by
from otelmon.rules.github_owner import budget_owner
from otelmon.rules.github_refusal import refusal_kind
from otelmon.rules.github_route import OTHER, route_template

HEADERS = {
    "x-ratelimit-limit": "5000",
    "x-ratelimit-remaining": "4987",
    "x-ratelimit-used": "13",
    "x-ratelimit-reset": "1700000000",
    "x-ratelimit-resource": "core",
}
FULL = RateLimit(5000, 4987, 13, 1_700_000_000, "core")


def test_all_headers_are_read() -> None:
    """An ordinary answer gives all five figures."""
    assert read_rate_limit(told_by(HEADERS.get)) == FULL


@pytest.mark.parametrize("value", ["", "abc", "-1", "1.5", "9" * 30, "1, 2", "\u0663", "0x10", "1_0"])
@pytest.mark.parametrize("field", ["limit", "remaining", "used", "reset"])
def test_unreadable_number_is_unknown(value: str, field: str) -> None:
    """A header that is no plain number leaves its field unknown and the others as they are."""
    changes: Any = {field: None}
    assert read_rate_limit(told_by({**HEADERS, f"x-ratelimit-{field}": value}.get)) == FULL._replace(**changes)


@pytest.mark.parametrize("field", ["limit", "remaining", "used", "reset"])
def test_long_number_among_short_ones_is_unknown(field: str) -> None:
    """Sixteen digits are no figure of GitHub's, however short the others are; fifteen are, and zeros do not count."""
    for value, expected in (("1" + "0" * 15, None), ("9" * 15, 10**15 - 1), ("0" * 20, 0)):
        found = read_rate_limit(told_by({**HEADERS, f"x-ratelimit-{field}": value}.get))
        assert getattr(found, field) == expected


@pytest.mark.parametrize(("zeros", "expected"), [(15, 5), (16, None)])
def test_long_numbers_together_are_unknown(zeros: int, expected: int | None) -> None:
    """Of 64 digits in all zeros do not count; more are not read as one."""
    assert read_rate_limit(("0" * zeros + "5",) * 4 + ("core",))[:4] == (expected,) * 4


def test_absent_headers_are_unknown() -> None:
    """An answer without headers says nothing."""
    assert read_rate_limit(told_by({}.get)) == RateLimit()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Code_Search", "code_search"),
        ("a b", None),
        ("x" * 64, "x" * 64),
        ("x" * 65, None),
        (" " * 61 + "core", None),
        ("", None),
    ],
)
def test_resource_is_a_short_name(value: str, expected: str | None) -> None:
    """A resource becomes a label, so only a short name counts."""
    assert read_rate_limit(told_by({"x-ratelimit-resource": value}.get)).resource == expected


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        ("/graphql", "graphql"),
        ("/search/issues", "search"),
        ("/search/code", None),
        ("/user", None),
        ("/rate_limit", None),
        ("other", None),
    ],
)
def test_resource_that_is_not_named(route: str, expected: str | None) -> None:
    """Without the header only routes that are documented to have a budget of their own tell the resource."""
    assert read_rate_limit(told_by({}.get), route).resource == expected
    assert read_rate_limit(told_by(HEADERS.get), route).resource == "core"


@pytest.mark.parametrize(
    ("status", "remaining", "retry_after", "sso", "expected"),
    [
        pytest.param(403, 0, None, None, "primary", id="403, nothing left"),
        pytest.param(429, 0, "60", None, "primary", id="429, nothing left"),
        pytest.param(403, 10, "60", None, "secondary", id="403 with retry-after"),
        pytest.param(403, 10, "0", None, "secondary", id="403 with retry-after 0"),
        pytest.param(403, 10, "soon", None, "secondary", id="403 with an unreadable retry-after"),
        pytest.param(429, 10, None, None, "secondary", id="429, some left"),
        pytest.param(429, None, None, None, "secondary", id="429, unknown"),
        pytest.param(403, 10, None, None, "permission", id="403 by permission"),
        pytest.param(403, None, None, None, "permission", id="403, unknown"),
        pytest.param(403, 10, None, "required; url=x", "saml", id="no sign-on"),
        pytest.param(403, 0, "60", "required; url=x", "saml", id="no sign-on, whatever else"),
        pytest.param(429, 10, None, "required; url=x", "secondary", id="429 is no sign-on"),
        pytest.param(200, 0, None, None, None, id="200, last one"),
        pytest.param(200, 9, None, "partial-results; organizations=1", None, id="200, without some organizations"),
        pytest.param(503, 0, "60", None, None, id="503"),
    ],
)
def test_refusal_kind(
    status: int, remaining: int | None, retry_after: str | None, sso: str | None, expected: str | None
) -> None:
    """Every refusal has one reason, and never two."""
    assert refusal_kind(status, remaining, retry_after, sso) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("60", 60),
        ("0", 0),
        (" 7 ", 7),
        ("-1", None),
        ("soon", None),
        (None, None),
        ("", None),
        ("Tue, 14 Nov 2023 22:13:50 GMT", 30),
        ("Tue, 14 Nov 2023 22:00:00 GMT", 0),
        ("Tue, 99 Nov 2023 22:00:00 GMT", None),
        ("x" * 100_000, None),
        ("60".rjust(64), 60),
        ("60".rjust(65), None),
        ("9" * 15, 10**15 - 1),
        ("9" * 16, None),
        ("Tue, 14 Nov 2023 22:13:50 GMT".ljust(64), 30),
        ("Tue, 14 Nov 2023 22:13:50 GMT".ljust(65), None),
    ],
)
def test_retry_after(value: str | None, expected: int | None) -> None:
    """Seconds and HTTP dates are read, and never a negative wait."""
    assert read_retry_after(value, 1_700_000_000.0) == expected


KNOWN = RateLimit(5000, 4000, 1000, 2000, "core")


@pytest.mark.parametrize(
    ("seen", "now", "expected"),
    [
        pytest.param(RateLimit(5000, 3999, 1001, 2000), 1500, (5000, 3999, 1001, 2000), id="next"),
        pytest.param(RateLimit(5000, 4100, 900, 2000), 1500, KNOWN[:4], id="overtaken answer"),
        pytest.param(RateLimit(5000, 3999, 1001, 2001), 1500, (5000, 3999, 1001, 2001), id="jitter"),
        pytest.param(RateLimit(5000, 10, 4990, 1000), 1500, KNOWN[:4], id="older window"),
        pytest.param(RateLimit(6000, 6000, 0, 5600), 1500, (6000, 6000, 0, 5600), id="newer window"),
        pytest.param(RateLimit(), 1500, KNOWN[:4], id="no headers"),
        pytest.param(RateLimit(), 2500, KNOWN[:4], id="no headers after the window"),
        pytest.param(RateLimit(None, 50), 2500, (None, 50, None, None), id="after the window"),
        pytest.param(RateLimit(None, None, 1002), 1500, (5000, 4000, 1002, 2000), id="used alone"),
        pytest.param(RateLimit(5000, 3990), 1500, (5000, 3990, 1010, 2000), id="without used"),
        pytest.param(RateLimit(None, 3990), 1500, KNOWN[:4], id="remaining alone"),
        pytest.param(RateLimit(5000, 3999, 1001, 10**12), 1500, (5000, 3999, 1001, 2000), id="milliseconds"),
        pytest.param(RateLimit(6000, 4999, 1001, 2000), 1500, (6000, 4999, 1001, 2000), id="limit has grown"),
        pytest.param(RateLimit(5000, 3998, 1000, 2000), 1500, KNOWN[:4], id="as much use"),
        pytest.param(RateLimit(5000, 5000, 0, 2005), 1500, (5000, 4000, 1000, 2005), id="latest of the window"),
        pytest.param(RateLimit(5000, 5000, 0, 2006), 1500, (5000, 5000, 0, 2006), id="earliest of the next"),
        pytest.param(RateLimit(5000, 3999, 1001, 1995), 1500, (5000, 3999, 1001, 2000), id="earliest of the window"),
        pytest.param(RateLimit(5000, 3999, 1001, 1994), 1500, KNOWN[:4], id="latest of the one before"),
        pytest.param(RateLimit(5000, 5000, 0, 8700), 1500, (5000, 5000, 0, 8700), id="as far as a reset can be"),
        pytest.param(RateLimit(5000, 5000, 0, 8701), 1500, KNOWN[:4], id="further"),
        pytest.param(RateLimit(5000, 3990, None, 2000), 1500, (5000, 3990, 1010, 2000), id="same reset, without used"),
        pytest.param(RateLimit(None, 3990, 1010, 2000), 1500, (5000, 3990, 1010, 2000), id="same reset, no limit"),
        pytest.param(RateLimit(5000, None, 1002, 2000), 1500, (5000, 4000, 1002, 2000), id="same reset, no remaining"),
    ],
)
def test_budget_after_an_answer(seen: RateLimit, now: float, expected: tuple[int | None, ...]) -> None:
    """Within a window use only grows; a newer window replaces; what is missing is kept."""
    assert merge_budget(KNOWN, seen, now)[:4] == expected


@pytest.mark.parametrize(
    ("known", "seen", "expected"),
    [
        pytest.param((None, 50, None, 2000), (60, 60, 0, 2000), (60, 60, 0, 2000), id="no use is more than unknown"),
        pytest.param((None, 50, None, 2000), (60, 49, 11, 2000), (60, 49, 11, 2000), id="use was unknown"),
        pytest.param((None, 50, None, 2000), (None, 40, None, 2000), (None, 40, None, 2000), id="less is left"),
        pytest.param((None, 40, None, 2000), (None, None, None, 2000), (None, 40, None, 2000), id="nothing is said"),
        pytest.param((60, 50, 10, None), (60, 51, 9, None), (60, 50, 10, None), id="no reset at all"),
    ],
)
def test_what_is_known_in_part(known: Any, seen: Any, expected: Any) -> None:
    """Figures that are missing on one side come from the other, and the least that is left counts."""
    assert merge_budget(RateLimit(*known), RateLimit(*seen), 1500)[:4] == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (2000, 2005, True),
        (2005, 2000, True),
        (2000, 2006, False),
        (2006, 2000, False),
        (None, 1, True),
        (1, None, True),
    ],
)
def test_same_window(one: int | None, other: int | None, expected: bool) -> None:
    """Resets that differ by five seconds at most belong to one window, and so may one that is unknown."""
    assert is_same_window(RateLimit(reset=one), RateLimit(reset=other)) is expected


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param(RateLimit(60, 60), RateLimit(60, 60, 0), id="nothing used"),
        pytest.param(RateLimit(60, 59, 1, 9), RateLimit(60, 59, 1, 9), id="as it is"),
        pytest.param(RateLimit(60, 59, 1, 1_700_000_000_000), RateLimit(60, 59, 1), id="reset in milliseconds"),
        pytest.param(RateLimit(60, 61), RateLimit(60, 61), id="more left than allowed"),
    ],
)
def test_first_answer(seen: RateLimit, expected: RateLimit) -> None:
    """Without anything known the answer is the budget, but for a reset that can be none."""
    assert merge_budget(None, seen, 1) == expected


@given(st.permutations(range(8)))
def test_order_of_answers_does_not_matter(order: list[int]) -> None:
    """Answers of one window give the same budget in any order."""
    budget = None
    for used in order:
        budget = merge_budget(budget, RateLimit(60, 60 - used, used, 900 + used % 3, "core"), 100)
    assert budget == RateLimit(60, 53, 7, 902, "core")


@pytest.mark.parametrize(("reset", "expected"), [(None, False), (99, True), (100, True), (101, False)])
def test_is_expired(reset: int | None, expected: bool) -> None:
    """A window is over from its reset on."""
    assert is_expired(KNOWN._replace(reset=reset), 100.0) is expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("mutation { a }", True),
        ('\n  # a query, "q" \\ \n,mutation Name($a: Int) { a }', True),
        ("\ufeffmutation{a}", True),
        ("query { mutation }", False),
        ("{ mutation }", False),
        ("subscription { a }", False),
        ("mutations { a }", False),
        ("# mutation", False),
        ("", False),
        ("fragment F on X { a } mutation { b }", False),
        (f"#{'x' * 5000}\nmutation {{ a }}", False),
    ],
)
def test_mutation_is_known_from_the_beginning_of_a_body(query: str, expected: bool) -> None:
    """The first definition decides, within what is read; text and bytes are the same, and order of members is not."""
    for document in ({"query": query}, {"variables": {"mutation": "mutation {"}, "query": query}):
        text = json.dumps(document)
        assert (is_mutation(text), is_mutation(text.encode()), is_mutation(bytearray(text.encode()))) == (expected,) * 3


@pytest.mark.parametrize("body", [None, 5, object(), iter([b"mutation"]), b"", b"\xff\xfe", "mutation {", b"{" * 10**6])
def test_other_bodies_are_no_mutations(body: object) -> None:
    """Streams, numbers and what is no JSON with a query are unknown, and nothing is read from them."""
    assert is_mutation(body) is False
    assert not hasattr(body, "__next__") or next(body) == b"mutation"


def test_owner_is_named_without_its_credential() -> None:
    """The scheme does not count, the key does, and nothing of the token shows."""
    token = "ghp_secret"
    name = budget_owner(f"Bearer {token}", "")
    assert name == hashlib.sha256(token.encode()).hexdigest()[:12]
    assert name == budget_owner(f"token {token}", "")
    assert len({name, budget_owner(f"token {token}", "a"), budget_owner(f"token {token}", "b")}) == 3


@pytest.mark.parametrize("authorization", [None, "", "  "])
def test_owner_without_credential(authorization: str | None) -> None:
    """Requests without a credential share the budget of the address."""
    assert budget_owner(authorization, "k") == "anonymous"
    assert budget_owner(authorization, "k", "ghes.example") == "anonymous@ghes.example"


def test_owner_of_a_strange_header() -> None:
    """A header that cannot be encoded plainly still gets a name."""
    assert len(budget_owner("\ud800", "\ud800")) == 12


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/repos/a/b/contributors?per_page=100", "/repos/{owner}/{repo}/contributors"),
        ("/repos/a/b", "/repos/{owner}/{repo}"),
        ("/repos/a/b/", "/repos/{owner}/{repo}"),
        ("/repos/a/b/issues/3", "/repos/{owner}/{repo}/issues/{issue_number}"),
        ("/repos/a/b/issues/comments", "/repos/{owner}/{repo}/issues/comments"),
        ("/repos/a/b/contents/x/y/z.py", "/repos/{owner}/{repo}/contents/{path}"),
        ("/repos/a/b/contents", "/repos/{owner}/{repo}/contents"),
        ("/users/alice", "/users/{username}"),
        ("/search/repositories?q=x", "/search/repositories"),
        ("/graphql", "/graphql"),
        ("/api/graphql", "/graphql"),
        ("/api/v3/users/alice/repos", "/users/{username}/repos"),
        ("/rate_limit", "/rate_limit"),
        ("/user", "/user"),
        ("/user/1/repos", "/user/{account_id}/{listing}"),
        ("/", "/"),
        ("/repos/a/b/unheard-of", OTHER),
        ("/repos//b", OTHER),
        ("/repos/a", OTHER),
        ("/repos/a/b/contents//", "/repos/{owner}/{repo}/contents"),
        ("/users/a/b/c/d", OTHER),
        ("/{}", OTHER),
        ("nothing like it", OTHER),
        ("/" * 100_000, "/"),
    ],
)
def test_route(path: str, expected: str) -> None:
    """Names and numbers of a path become parameters; unknown shapes share one route."""
    assert route_template(path) == expected


@given(st.text(), st.text(alphabet=st.characters(exclude_characters="/?#"), min_size=1))
def test_route_never_shows_a_name(text: str, name: str) -> None:
    """No text raises, and a name never becomes part of a route."""
    assert route_template(text) == OTHER or route_template(text).startswith("/")
    assert route_template(f"/users/{name}") in ("/users/{username}", OTHER, "/users")


def test_beginning_of_a_path_is_read() -> None:
    """2048 characters of it, so that no length costs time."""
    assert route_template(f"/users/{'x' * 2035}/repos") == "/users/{username}/repos"
    assert route_template(f"/users/{'x' * 2036}/repos") == OTHER


@pytest.mark.parametrize("encode", [str, str.encode], ids=["text", "bytes"])
def test_beginning_of_a_query_is_read(encode: Any) -> None:
    """4096 characters of a body: a word that is cut off is none."""
    start, word = '{"query":"', "mutation"
    blanks = " " * (4096 - len(start) - len(word))
    assert is_mutation(encode(f"{start}{blanks}{word}"))
    assert not is_mutation(encode(f"{start}{blanks} {word}"))
