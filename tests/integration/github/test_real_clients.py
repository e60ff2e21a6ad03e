"""Real GitHub clients against the stand-in, over HTTP: each answer is counted once, and nothing changes for them."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import aiohttp as aiohttp_library
import gidgethub
import github
import github3
import githubkit
import pytest
import requests
from gidgethub.aiohttp import GitHubAPI

from otelmon.registry import HookRegistry
from otelmon.settings import Settings
from tests.integration.github.conftest import HOOKS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from demo.server import LoopbackServer

ROUTE, BY_NUMBER = "/repos/{owner}/{repo}", "/repositories/{repository_id}"


def with_pygithub(url: str, token: str, names: list[str]) -> list[str]:
    """Asks through PyGithub, which uses requests."""
    client = github.Github(auth=github.Auth.Token(token), base_url=url, retry=None, seconds_between_requests=None)
    return [client.get_repo(name).full_name for name in names]


def with_github3(url: str, token: str, names: list[str]) -> list[str]:
    """Asks through a session of github3.py, whose models want more than the stand-in tells."""
    session = github3.session.GitHubSession()
    session.token_auth(token)
    return [session.get(f"{url}/repos/{name}").json()["full_name"] for name in names]


def with_githubkit(url: str, token: str, names: list[str]) -> list[str]:
    """Asks through githubkit, which uses httpx."""
    client = githubkit.GitHub(token, base_url=url, follow_redirects=True, auto_retry=False, http_cache=False)
    return [client.request("GET", f"/repos/{name}").json()["full_name"] for name in names]


def with_githubkit_async(url: str, token: str, names: list[str]) -> list[str]:
    """Asks through githubkit's asynchronous half."""

    async def ask() -> list[str]:
        async with githubkit.GitHub(
            token, base_url=url, follow_redirects=True, auto_retry=False, http_cache=False
        ) as client:
            answers = [await client.arequest("GET", f"/repos/{name}") for name in names]
        return [answer.json()["full_name"] for answer in answers]

    return asyncio.run(ask())


def with_gidgethub(url: str, token: str, names: list[str]) -> list[str]:
    """Asks through gidgethub, which uses aiohttp."""

    async def ask() -> list[str]:
        async with aiohttp_library.ClientSession() as session:
            client = GitHubAPI(session, "tester", oauth_token=token, base_url=url)
            return [(await client.getitem(f"/repos/{name}"))["full_name"] for name in names]

    return asyncio.run(ask())


CLIENTS = [
    pytest.param(with_pygithub, id="PyGithub"),
    pytest.param(with_github3, id="github3.py"),
    pytest.param(with_githubkit, id="githubkit"),
    pytest.param(with_githubkit_async, id="githubkit async"),
    pytest.param(with_gidgethub, id="gidgethub"),
]
ERRORS = (
    github.GithubException,
    githubkit.exception.GitHubException,
    gidgethub.GitHubException,
    requests.ConnectionError,
    aiohttp_library.ClientError,
    KeyError,
)
Client = "Callable[[str, str, list[str]], list[str]]"


@pytest.mark.parametrize("client", CLIENTS)
def test_each_answer_is_counted_once(
    client: Client, registry: HookRegistry, server: LoopbackServer, request: pytest.FixtureRequest
) -> None:
    """Three repositories, one of them renamed, are four answers of one owner, and the ledger is the server's."""
    token = f"token-{request.node.callspec.id.replace(' ', '-')}"
    assert client(server.url, token, ["o/a", "o/b-renamed", "o/c"]) == ["o/a", "o/b", "o/c"]
    assert registry.github.requests() == {("core", ROUTE): 3, ("core", BY_NUMBER): 1}
    assert registry.github.points() == {("core", ROUTE): 3, ("core", BY_NUMBER): 1}
    (budget,) = registry.github.budgets()
    told = requests.get(f"{server.url}/rate_limit", headers={"authorization": f"Bearer {token}"}, timeout=5).json()
    assert (budget.used, budget.limit, budget.reset) == (4, 5000, told["resources"]["core"]["reset"])
    assert token not in repr((registry.github.budgets(), registry.github.requests(), registry.github.line_requests()))


@pytest.mark.parametrize("client", CLIENTS)
def test_the_calling_line_is_the_application_s(client: Client, registry: HookRegistry, server: LoopbackServer) -> None:
    """Whatever lies between, the cost is booked on the line of this file that called."""
    client(server.url, "token-lines", ["o/a"])
    ((resource, (function, path, _)), count) = registry.github.line_points().popitem()
    assert (resource, path, count) == ("core", __file__, 1)
    assert "with_" in function or "ask" in function or "listcomp" in function


@pytest.mark.parametrize("client", CLIENTS)
def test_a_refusal_is_one_refusal(
    client: Client, registry: HookRegistry, server: LoopbackServer, control: Callable[..., None]
) -> None:
    """A secondary limit is told apart whichever client meets it; the client raises what it raises without us."""
    control("POST", "secondary", status=403, retry_after=1)
    with pytest.raises(ERRORS):
        client(server.url, "token-refused", ["o/a"])
    assert registry.github.refused.snapshot() == {("core", "secondary"): 1}
    assert registry.github.points() == {}
    assert len(registry.github.budgets()) == 1


@pytest.fixture
def nobody() -> Iterator[tuple[str, HookRegistry]]:
    """Yields the address of a port on which nobody listens, and a registry that takes it for GitHub."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        registry = HookRegistry(Settings(github_hosts=(f"127.0.0.1:{port}",)))
        undo = [hook.install(registry) for hook in HOOKS]
        yield f"http://127.0.0.1:{port}", registry
        for step in reversed(undo):
            step()


@pytest.mark.parametrize("client", CLIENTS)
def test_a_connection_that_fails_is_no_answer(client: Client, nobody: tuple[str, HookRegistry]) -> None:
    """A request without an answer is counted as none, and is not under way any more."""
    url, registry = nobody
    with pytest.raises(ERRORS):
        client(url, "token-nobody", ["o/a"])
    assert registry.github.requests() == {}
    assert [each.running for each in registry.github.secondary._owners.values() if each.running] == []
