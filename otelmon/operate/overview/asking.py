"""Asks one source over HTTP: an answer or a reason why there is none, never an exception, within a deadline."""

from __future__ import annotations

import asyncio
import ssl
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Mapping

SECONDS_TO_ANSWER = 3.0
LARGEST_ANSWER = 32 * 1024 * 1024
HIGHEST_GOOD_STATUS = 299


@dataclass(frozen=True, slots=True)
class Answer:
    """Holds what came back: ``document`` is parsed JSON, None with a ``reason``; ``seconds`` is how long it took."""

    document: object | None
    reason: str
    seconds: float
    status: int | None = None


def client() -> httpx.AsyncClient:
    """Returns a client that asks a few things at a time and follows no redirect."""
    limits = httpx.Limits(max_connections=16, max_keepalive_connections=16)
    return httpx.AsyncClient(timeout=SECONDS_TO_ANSWER, limits=limits, trust_env=False)


async def get(
    client: httpx.AsyncClient,
    url: str,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    seconds: float = SECONDS_TO_ANSWER,
) -> Answer:
    """Returns the document of an address.

    Args:
        client: of ``client()``.
        url: with or without user and password, which are in no reason.
        query: what stands behind the question mark.
        headers: sent along.
        seconds: for everything together, a slow body included.
    """
    began = time.monotonic()
    document, reason, status = None, "", None
    try:
        response = await asyncio.wait_for(_read(client, url, query, headers), seconds)
        status = response.status_code
        document, reason = _content(response)
    except (asyncio.TimeoutError, httpx.TimeoutException):
        reason = f"no answer within {seconds:g} s"
    except httpx.ConnectError as error:
        reason = _why(error)
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
        reason = f"the connection broke ({type(error).__name__})"
    return Answer(document, reason, time.monotonic() - began, status)


async def _read(
    client: httpx.AsyncClient, url: str, query: Mapping[str, str] | None, headers: Mapping[str, str] | None
) -> httpx.Response:
    async with client.stream("GET", url, params=query, headers=headers) as response:
        return httpx.Response(response.status_code, content=await _body(response))


async def _body(response: httpx.Response) -> bytes:
    content = bytearray()
    async for part in response.aiter_bytes():
        content += part
        if len(content) > LARGEST_ANSWER:
            raise httpx.DecodingError("too large")
    return bytes(content)


def _content(response: httpx.Response) -> tuple[object | None, str]:
    """Returns a JSON document whatever the status: health answers 503 with one; and why the answer is not good."""
    good = response.status_code <= HIGHEST_GOOD_STATUS
    reason = "" if good else f"HTTP {response.status_code}"
    try:
        return response.json(), reason
    except ValueError:
        return None, reason or "the answer is no JSON"


def _why(error: httpx.ConnectError) -> str:
    text = str(error)
    if "refused" in text or "All connection attempts failed" in text:
        return "connection refused: nothing listens there"
    if "Name or service" in text or "name resolution" in text or "nodename" in text:
        return "the host's name cannot be resolved"
    if "CERTIFICATE" in text.upper() or "SSL" in text.upper():
        return "the TLS handshake failed"
    return "cannot connect"
