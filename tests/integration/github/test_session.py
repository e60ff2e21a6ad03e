"""A session that the application registers corrects the ledger and measures how far off it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
import requests

from otelmon import guard
from otelmon.launch.github_session import LEAST_SECONDS, GitHubSession

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.server import LoopbackServer
    from otelmon.registry import HookRegistry


@pytest.mark.parametrize("library", [requests.Session, httpx.Client])
def test_use_of_others_is_learned_and_measured(
    library: type, registry: HookRegistry, server: LoopbackServer, control: Callable[..., None]
) -> None:
    """What others have used meanwhile is the drift; the ledger knows it afterwards."""
    token = f"token-{library.__module__.split('.')[0]}"
    with library() as session:
        session.headers["authorization"] = f"Bearer {token}"
        session.get(f"{server.url}/repos/o/a")
        control("PUT", "budget", credential=token, resource="core", limit=5000, used=41)
        (before,) = registry.github.budgets()
        GitHubSession(registry, session, server.url, 1).ask()
    known = {budget.resource: budget.used for budget in registry.github.budgets()}
    assert (before.used, known["core"]) == (1, 41)
    # The headers of the question told it already; the answer's body adds the other resources.
    assert registry.github.drift[before.owner, "core"] in (0, 40)
    assert known.keys() == {"core", "search", "code_search", "graphql"}


def test_a_host_that_is_not_github_is_said(registry: HookRegistry, server: LoopbackServer) -> None:
    """Where nobody knows whose budgets they are, nothing is taken in, and the guard counts it."""
    elsewhere = server.url.replace("127.0.0.1", "localhost")
    with requests.Session() as session, pytest.raises(RuntimeError, match="OTELMON_GITHUB_HOSTS"):
        GitHubSession(registry, session, elsewhere, 1).ask()
    assert registry.github.budgets() == ()


def test_it_asks_seldom_and_ends(registry: HookRegistry) -> None:
    """A session that fails is asked once in thirty seconds at most, and not at all after the end."""
    guard.set_strict(False)
    asked = []
    session = GitHubSession(registry, requests.Session(), "http://127.0.0.1:9", 0)
    assert session._every_s == LEAST_SECONDS
    session.ask = lambda: asked.append(1)
    end = session.start()
    end()
    assert len(asked) <= 1
