"""A body that the application does not read stays where it is."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import aiohttp
import httpx
import requests

if TYPE_CHECKING:
    from demo.server import LoopbackServer
    from otelmon.registry import HookRegistry

QUERY = {"query": "{ rateLimit { cost } }"}
TOKEN = {"authorization": "Bearer token-unread"}


def test_requests(registry: HookRegistry, server: LoopbackServer) -> None:
    """A streamed answer is not read by us; once it is read, its cost is known."""
    with requests.post(f"{server.url}/graphql", json=QUERY, headers=TOKEN, stream=True, timeout=5) as answer:
        assert answer.raw.tell() == 0
        assert registry.github.points() == {}
        assert json.loads(answer.raw.read())["data"]["rateLimit"]["cost"] == 1
    assert registry.github.points() == {("graphql", "/graphql"): 1}


def test_httpx(registry: HookRegistry, server: LoopbackServer) -> None:
    """A streamed answer of httpx is not read by us; its class keeps its own methods."""
    with httpx.Client() as client, client.stream("POST", f"{server.url}/graphql", json=QUERY, headers=TOKEN) as answer:
        assert not answer.is_stream_consumed
        assert b"".join(answer.iter_bytes()) != b""
    assert registry.github.points() == {}
    assert registry.github.requests() == {("graphql", "/graphql"): 1}
    assert httpx.Response.read.__module__ == "httpx._models"


def test_aiohttp(registry: HookRegistry, server: LoopbackServer) -> None:
    """An answer of aiohttp that is let go unread costs nothing but its request."""

    async def ask() -> None:
        async with aiohttp.ClientSession() as session:
            answer = await session.post(f"{server.url}/graphql", json=QUERY, headers=TOKEN)
            assert answer.status == 200
            answer.release()

    asyncio.run(ask())
    assert registry.github.points() == {}
    assert registry.github.requests() == {("graphql", "/graphql"): 1}
