"""Reads identities and costs in bodies that an application has read; whatever is not there is unknown."""

from __future__ import annotations

import json
import re

from otelmon.records import RateLimit

# Longer ones are not looked into: the application waits meanwhile.
LONGEST_BODY = 1_000_000
_COST = re.compile(rb'"rateLimit"\s*:\s*\{[^{}]{0,400}?"cost"\s*:\s*(\d{1,9})\b')
_EXHAUSTED = re.compile(rb'"type"\s*:\s*"RATE_LIMITED"')
_INSTALLATION = re.compile(r"^(?:/api/v3)?/app/installations/(\d{1,19})/access_tokens$")
TELLING_ROUTES = frozenset(("/graphql", "/user", "/app/installations/{installation_id}/access_tokens"))


def graphql_cost(body: bytes) -> int | None:
    """Returns the points of a GraphQL call whose query asked for ``rateLimit { cost }``, else None.

    Source: https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
    """
    found = _COST.search(body)
    return None if found is None else int(found.group(1))


def is_exhausted(body: bytes) -> bool:
    """Tells whether a GraphQL answer of status 200 is a refusal by the primary limit."""
    return _EXHAUSTED.search(body) is not None


def user_of(body: bytes) -> str | None:
    """Returns the number of the user that ``GET /user`` shows."""
    identity = _document(body).get("id")
    return str(identity) if isinstance(identity, int) and not isinstance(identity, bool) else None


def installation_token(body: bytes) -> str | None:
    """Returns the token that an answer to the creation of an installation's token brings."""
    token = _document(body).get("token")
    return token if isinstance(token, str) and token else None


def rate_limits_of(body: bytes) -> list[RateLimit]:
    """Returns the budgets that ``GET /rate_limit`` tells of, leaving out what has an unexpected shape.

    Source: https://docs.github.com/rest/rate-limit/rate-limit
    """
    resources = _document(body).get("resources")
    if not isinstance(resources, dict):
        return []
    return [
        RateLimit(
            _count(told.get("limit")),
            _count(told.get("remaining")),
            _count(told.get("used")),
            _count(told.get("reset")),
            resource,
        )
        for resource, told in resources.items()
        if isinstance(told, dict)
    ]


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def installation_of(path: str) -> str | None:
    """Returns the number of the installation that a path creates a token for, or None for another path."""
    found = _INSTALLATION.match(path.partition("?")[0])
    return None if found is None else found.group(1)


def _document(body: bytes) -> dict[str, object]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
