"""What bodies of GitHub's answers tell, and that whatever is not there is unknown."""

from __future__ import annotations

import json

import pytest

from otelmon.hooks.github.bodies import ReadBody
from otelmon.records import RateLimit
from otelmon.rules.github_bodies import (
    graphql_cost,
    installation_of,
    installation_token,
    is_exhausted,
    rate_limits_of,
    user_of,
)

LONGEST = 1_000_000
NO_DOCUMENTS = [b"", b"nothing", b"null", b"5", b'["id", "token", "resources"]', b"[" * 100_000, b"\xff\xfe"]


@pytest.mark.parametrize(
    ("body", "cost"),
    [
        pytest.param(b'{"data":{"rateLimit":{"cost":7}}}', 7, id="alone"),
        pytest.param(b'{"data":{"rateLimit" : {"limit":5000, "cost" : 12, "remaining":4}}}', 12, id="among others"),
        pytest.param(b'{"data":{"cost":7}}', None, id="of something else"),
        pytest.param(b'{"data":{"rateLimit":{"node":{}, "cost":7}}}', None, id="behind a nested object"),
        pytest.param(b'{"data":{"rateLimit":{"limit":5000}}}', None, id="not asked for"),
        pytest.param(b'{"data":{"rateLimit":{"cost":"7"}}}', None, id="text"),
        pytest.param(b'{"data":{"rateLimit":{"cost":1234567890}}}', None, id="no figure of GitHub's"),
        pytest.param(b"", None, id="empty"),
    ],
)
def test_graphql_cost(body: bytes, cost: int | None) -> None:
    """The cost is read where the query asked for it, and is unknown else."""
    assert graphql_cost(body) == cost


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"errors":[{"type":"RATE_LIMITED","message":"x"}]}', True),
        (b'{"errors":[{"type" : "RATE_LIMITED"}]}', True),
        (b'{"errors":[{"type":"NOT_FOUND"}]}', False),
        (b'{"data":{"title":"RATE_LIMITED"}}', False),
        (b"", False),
    ],
)
def test_exhausted(body: bytes, expected: bool) -> None:
    """A refusal is known by the type of its error."""
    assert is_exhausted(body) is expected


@pytest.mark.parametrize(
    ("body", "user"),
    [
        (b'{"id":583231,"login":"octocat"}', "583231"),
        (b'{"id":true}', None),
        (b'{"id":"583231"}', None),
        (b'{"login":"octocat"}', None),
        *((body, None) for body in NO_DOCUMENTS),
    ],
)
def test_user(body: bytes, user: str | None) -> None:
    """A user is known by its number, never by a name."""
    assert user_of(body) == user


@pytest.mark.parametrize(
    ("body", "token"),
    [
        (b'{"token":"ghs_16C7e42F292c6912E7710c838347Ae178B4a"}', "ghs_16C7e42F292c6912E7710c838347Ae178B4a"),
        (b'{"token":""}', None),
        (b'{"token":5}', None),
        (b"{}", None),
        *((body, None) for body in NO_DOCUMENTS),
    ],
)
def test_installation_token(body: bytes, token: str | None) -> None:
    """A token is a text that is not empty."""
    assert installation_token(body) == token


@pytest.mark.parametrize(
    ("path", "installation"),
    [
        ("/app/installations/42/access_tokens", "42"),
        ("/api/v3/app/installations/42/access_tokens?x=1", "42"),
        (f"/app/installations/{'9' * 19}/access_tokens", "9" * 19),
        (f"/app/installations/{'9' * 20}/access_tokens", None),
        ("/app/installations/42", None),
        ("/app/installations/a/access_tokens", None),
        ("/x/app/installations/42/access_tokens", None),
    ],
)
def test_installation(path: str, installation: str | None) -> None:
    """An installation is known by the path that makes a token for it."""
    assert installation_of(path) == installation


def test_rate_limits() -> None:
    """Each budget that is told of is read; what is no count is unknown, and what is no budget is left out."""
    resources = {
        "core": {"limit": 5000, "remaining": 4999, "used": 1, "reset": 1_700_000_000},
        "search": {"limit": 30, "remaining": 0, "used": True, "reset": "soon"},
        "graphql": {"limit": -1},
        "strange": 5,
    }
    assert rate_limits_of(json.dumps({"resources": resources}).encode()) == [
        RateLimit(5000, 4999, 1, 1_700_000_000, "core"),
        RateLimit(30, 0, None, None, "search"),
        RateLimit(None, None, None, None, "graphql"),
    ]


@pytest.mark.parametrize("body", [*NO_DOCUMENTS, b"{}", b'{"resources":[]}'])
def test_no_rate_limits(body: bytes) -> None:
    """Of anything else no budget is read."""
    assert rate_limits_of(body) == []


@pytest.mark.parametrize(("length", "is_told"), [(LONGEST, True), (LONGEST + 1, False)])
def test_longest_body(length: int, is_told: bool) -> None:
    """A body of a million bytes is looked into, a longer one is not."""
    told: list[int] = []
    body = ReadBody(lambda whole: not told.append(len(whole)), lambda: True)
    body.take(b"x" * length)
    assert told == [length] * is_told
