"""A GitHub stand-in over HTTP, and a registry that knows it as GitHub."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from demo.github_stand_in.app import create_app
from demo.server import LoopbackServer
from otelmon.hooks import aiohttp, httpx, urllib3
from otelmon.registry import HookRegistry
from otelmon.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HOOKS = (urllib3.hook, httpx.hook, aiohttp.hook)


@pytest.fixture(scope="session")
def server() -> Iterator[LoopbackServer]:
    """Yields a running stand-in."""
    with LoopbackServer(create_app(points_a_minute=1_000_000)) as server:
        yield server


@pytest.fixture
def start_registry(server: LoopbackServer) -> Iterator[Callable[..., HookRegistry]]:
    """Yields what makes a registry with every HTTP hook installed, by the settings given."""
    undo: list[Callable[[], None]] = []

    def start(**settings: Any) -> HookRegistry:
        registry = HookRegistry(Settings(github_hosts=(f"127.0.0.1:{server.port}",), **settings))
        undo.extend(hook.install(registry) for hook in HOOKS)
        return registry

    yield start
    for step in reversed(undo):
        step()


@pytest.fixture
def registry(start_registry: Callable[..., HookRegistry]) -> HookRegistry:
    """Returns a registry with every HTTP hook installed."""
    return start_registry()


@pytest.fixture
def control(server: LoopbackServer) -> Callable[..., None]:
    """Returns what tells the stand-in how to behave."""

    def tell(method: str, path: str, **document: object) -> None:
        # Below no hook: what a test tells the stand-in is no request to GitHub.
        request = urllib.request.Request(
            f"{server.url}/stand-in/{path}",
            json.dumps(document).encode(),
            {"content-type": "application/json"},
            method=method,
        )
        urllib.request.urlopen(request, timeout=5).close()

    return tell
