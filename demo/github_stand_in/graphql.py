"""What a GraphQL call costs, and how its answers tell.

Source: https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from demo.github_stand_in.budgets import Budget

RESOURCE = "graphql"
REQUESTS_A_POINT = 100
TOKENS = re.compile(r"[{}]|\b(?:first|last)\s*:\s*(\d+)")
MUTATION = re.compile(r"^\s*mutation\b")


def cost(query: str) -> int:
    """Returns the points of a query: the requests that fill its connections, divided by 100 and rounded, at least 1.

    Each connection takes one request for each node of the connection around it.
    """
    requests = 0
    around = [1]
    inside = 1
    for token in TOKENS.finditer(query):
        if token.group() == "{":
            around.append(inside)
        elif token.group() == "}":
            around = around[:-1] or [1]
            inside = around[-1]
        else:
            requests += around[-1]
            inside = around[-1] * int(token.group(1))
    return max(1, round(requests / REQUESTS_A_POINT))


def is_mutation(query: str) -> bool:
    """Tells whether a call writes."""
    return MUTATION.match(query) is not None


def data(query: str, points: int, budget: Budget) -> dict[str, object]:
    """Returns the body of an answer, with the ``rateLimit`` object where the query asks for it."""
    found: dict[str, object] = {"viewer": {"login": "octocat"}}
    if "rateLimit" in query:
        reset = datetime.fromtimestamp(budget.reset, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        known = {"limit": budget.limit, "remaining": budget.remaining, "used": budget.used}
        found["rateLimit"] = {**known, "cost": points, "resetAt": reset}
    return {"data": found}


def exhausted() -> dict[str, object]:
    """Returns the body of a refusal, which comes with status 200."""
    return {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}
