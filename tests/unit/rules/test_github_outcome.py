"""What an answer of GitHub's has cost, and whose token it was."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

from otelmon.rules.github_outcome import outcome_of
from otelmon.rules.github_owner import budget_owner, identity_name


@pytest.mark.parametrize(
    ("status", "refusal", "route", "is_anonymous", "expected"),
    [
        (200, None, "/user", False, "point"),
        (200, "primary", "/user", False, "point"),
        (201, None, "/user", False, "point"),
        (201, "primary", "/user", False, "other"),
        (199, "primary", "/user", False, "other"),
        (304, None, "/user", False, "saved"),
        (304, None, "/user", True, "point"),
        (303, None, "/user", False, "point"),
        (305, None, "/user", False, "point"),
        (403, "primary", "/user", False, "other"),
        (429, "secondary", "/user", False, "other"),
        (403, "permission", "/user", False, "point"),
        (403, "saml", "/user", False, "point"),
        (400, None, "/user", False, "point"),
        (401, None, "/user", False, "other"),
        (402, None, "/user", False, "point"),
        (499, None, "/user", False, "point"),
        (500, None, "/user", False, "other"),
        (599, None, "/user", False, "other"),
        (600, None, "/user", False, "point"),
        (200, None, "/rate_limit", False, "other"),
        (200, None, "/graphql", False, "other"),
    ],
)
def test_what_an_answer_costs(status: int, refusal: Any, route: str, is_anonymous: bool, expected: str) -> None:
    """A point, none for an answer that had not changed, or what its head cannot say."""
    assert outcome_of(status, refusal, route, is_anonymous=is_anonymous) == expected


def web_token(claims: object, length: int = 0) -> str:
    """Returns a JSON web token, filled up by its signature to a length."""
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    token = f"eyJ01234.{body}."
    return token + "s" * max(3, length - len(token))


@pytest.mark.parametrize("issuer", ["1", "12", "123", "1234", 12345])
def test_app_is_known_by_its_number(issuer: object) -> None:
    """However long it is, and whatever else the token says, the app that issued it is whose budget is spent."""
    name = identity_name("app", "", str(issuer), "")
    for more in ("", "a", "ab", "abc"):
        assert budget_owner(f"Bearer {web_token({'iss': issuer, 'x': more})}", "") == name


@pytest.mark.parametrize(
    ("token", "is_app"),
    [
        pytest.param(web_token({"iss": 7}, 4096), True, id="longest"),
        pytest.param(web_token({"iss": 7}, 4097), False, id="too long"),
        pytest.param(web_token({"iss": 7}) + ".more", False, id="four parts"),
        pytest.param(web_token({"iss": 7}).rpartition(".")[0], False, id="two parts"),
        pytest.param(web_token({"iss": [7]}), False, id="no name"),
        pytest.param(web_token({}), False, id="no issuer"),
        pytest.param(web_token([7]), False, id="no claims"),
        pytest.param("eyJ.*.x", False, id="no base64"),
    ],
)
def test_what_an_app_is_not_known_by(token: str, is_app: bool) -> None:
    """Anything else is a credential like any other, and its name is a hash of twelve digits."""
    name = budget_owner(f"Bearer {token}", "k")
    assert (name == identity_name("app", "", "7", "k")) is is_app
    assert len(name) == 12


def test_scheme_is_the_first_word_only() -> None:
    """Whatever stands behind it, blanks among it, is the credential."""
    assert budget_owner("token a b", "") == hashlib.sha256(b"a b").hexdigest()[:12]
