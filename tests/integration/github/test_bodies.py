"""What bodies tell that the application has read: GraphQL costs, installations, users; nothing is read for us."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING

import aiohttp
import httpx
import pytest
import requests
import urllib3

from otelmon.rules.github_owner import budget_owner, identity_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.server import LoopbackServer
    from otelmon.registry import HookRegistry

TOKENS = "/app/installations/{}/access_tokens"
COST = {"query": "{ viewer { repositories(first: 100) { a(first: 100) { x } } } rateLimit { cost } }"}
HOST = "127.0.0.1"
Ask = "Callable[[str, str, str, object], bytes]"


def with_requests(method: str, url: str, token: str, document: object = None) -> bytes:
    """Reads a body through requests."""
    headers = {"authorization": f"Bearer {token}"}
    return requests.request(method, url, json=document, headers=headers, timeout=5).content


def with_urllib3(method: str, url: str, token: str, document: object = None) -> bytes:
    """Reads a body through urllib3, which reads it at once."""
    headers = {"authorization": f"Bearer {token}"}
    with urllib3.PoolManager() as pool:
        return pool.request(method, url, json=document, headers=headers).data


def with_urllib3_in_parts(method: str, url: str, token: str, document: object = None) -> bytes:
    """Reads a body through urllib3, a few bytes at a time."""
    headers = {"authorization": f"Bearer {token}"}
    with urllib3.PoolManager() as pool:
        answer = pool.request(method, url, json=document, headers=headers, preload_content=False)
        return b"".join(answer.stream(7))


def with_httpx(method: str, url: str, token: str, document: object = None) -> bytes:
    """Reads a body through httpx."""
    headers = {"authorization": f"Bearer {token}"}
    with httpx.Client() as client:
        return client.request(method, url, json=document, headers=headers).content


def with_httpx_async(method: str, url: str, token: str, document: object = None) -> bytes:
    """Reads a body through httpx's asynchronous half."""

    async def ask() -> bytes:
        async with httpx.AsyncClient() as client:
            answer = await client.request(method, url, json=document, headers={"authorization": f"Bearer {token}"})
        return answer.content

    return asyncio.run(ask())


def with_aiohttp(method: str, url: str, token: str, document: object = None) -> bytes:
    """Reads a body through aiohttp."""

    async def ask() -> bytes:
        headers = {"authorization": f"Bearer {token}"}
        async with aiohttp.ClientSession() as session:
            answer = await session.request(method, url, json=document, headers=headers)
            return await answer.read()

    return asyncio.run(ask())


WAYS = [with_requests, with_urllib3, with_urllib3_in_parts, with_httpx, with_httpx_async, with_aiohttp]
pytestmark = pytest.mark.parametrize("ask", WAYS)


def owner_of(kind: str, identity: int) -> str:
    """Returns the name of somebody of the stand-in."""
    return identity_name(kind, HOST, str(identity), "")


def test_a_graphql_cost_is_booked(ask: Ask, registry: HookRegistry, server: LoopbackServer) -> None:
    """Where the query asks for its cost and the application reads the body, the points are the budget's own."""
    assert b'"cost": 1' in ask("POST", f"{server.url}/graphql", f"token-{ask.__name__}", COST)
    assert registry.github.points() == {("graphql", "/graphql"): 1}
    assert registry.github.line_points().popitem()[0][1][1] == __file__


def test_a_mutation_counts_five_points(ask: Ask, registry: HookRegistry, server: LoopbackServer) -> None:
    """A request that is in memory tells that it writes; aiohttp does not show it, where it counts as a query."""
    ask("POST", f"{server.url}/graphql", f"token-{ask.__name__}", {"query": "mutation { a }"})
    uses = {use.rule: use.ratio for use in registry.github.secondary.snapshot(time.monotonic())}
    known = ask is not with_aiohttp
    assert uses["graphql_points"] == pytest.approx((5 if known else 1) / 2000)
    assert ("writes_a_minute" in uses) is known


def test_a_graphql_refusal_with_status_200_is_seen(
    ask: Ask, registry: HookRegistry, server: LoopbackServer, control: Callable[..., None]
) -> None:
    """An exhausted GraphQL budget, which only the body tells, is a refusal by the primary limit."""
    token = f"spent-{ask.__name__}"
    control("PUT", "budget", credential=token, resource="graphql", limit=5000, used=5000)
    assert b"RATE_LIMITED" in ask("POST", f"{server.url}/graphql", token, COST)
    assert registry.github.refused.snapshot() == {("graphql", "primary"): 1}
    assert registry.github.points() == {}


def test_a_rotated_installation_token_is_the_same_budget(
    ask: Ask, registry: HookRegistry, server: LoopbackServer
) -> None:
    """Two tokens of one installation, learned as they are created, spend one budget under one name."""
    number = 100 + WAYS.index(ask)
    for _ in range(2):
        token = json.loads(ask("POST", server.url + TOKENS.format(number), "app"))["token"]
        ask("GET", f"{server.url}/repos/o/a", token)
    owners = {budget.owner: budget.used for budget in registry.github.budgets()}
    assert owners[owner_of("installation", number)] == 2
    assert set(owners) == {owner_of("installation", number), budget_owner("app", "")}
    assert "ghs_" not in repr(vars(registry.github.owners)) + repr(registry.github.budgets())


def test_two_tokens_of_a_user_are_the_same_budget(ask: Ask, registry: HookRegistry, server: LoopbackServer) -> None:
    """Tokens that ``GET /user`` has shown to be one user's are joined, what they had used before included."""
    number = 200 + WAYS.index(ask)
    laptop, phone = f"user-{number}-laptop", f"user-{number}-phone"
    for token in (laptop, phone):
        ask("GET", f"{server.url}/repos/o/a", token)
    assert len(registry.github.budgets()) == 2
    for token in (laptop, phone):
        ask("GET", f"{server.url}/user", token)
    (budget,) = registry.github.budgets()
    assert (budget.owner, budget.used) == (owner_of("user", number), 4)
