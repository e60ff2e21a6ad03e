"""A small HTTP service for health: few connections, one request each, a deadline for every request."""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.operate.observe.health import Answer

MOST_CONNECTIONS = 16
SECONDS_A_REQUEST = 2.0
LARGEST_REQUEST = 8192


class HealthService:
    """Answers GET and HEAD from memory; who comes when all connections are taken is sent away at once."""

    def __init__(self, answer: Callable[[str], Answer]) -> None:
        """Takes what gives the answer to a path; it must not wait."""
        self._answer = answer
        self._open = 0
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> tuple[str, int]:
        """Begins to listen and returns address and port.

        Raises:
            OSError: the address cannot be listened on.
        """
        self._server = await asyncio.start_server(self._serve, host, port, limit=LARGEST_REQUEST)
        address = self._server.sockets[0].getsockname()
        return str(address[0]), int(address[1])

    def close(self) -> None:
        """Stops listening."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            if self._open <= MOST_CONNECTIONS:
                await asyncio.wait_for(self._respond(reader, writer), SECONDS_A_REQUEST)
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.TimeoutError):
            pass  # whoever asked has gone, or did not ask as HTTP does
        finally:
            self._open -= 1
            writer.close()

    async def _respond(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, target, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
        if method in ("GET", "HEAD"):
            answer = self._answer(target.partition("?")[0])
            writer.write(response(answer.status, answer.media_type, answer.document, body=method == "GET"))
        else:
            writer.write(response(405, "application/json", {"error": "GET and HEAD only"}, body=True))
        await writer.drain()


def response(status: int, media_type: str, document: dict[str, object], *, body: bool) -> bytes:
    """Returns a whole HTTP response, after which the connection is closed."""
    content = json.dumps(document).encode()
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: {media_type}\r\n"
        f"Content-Length: {len(content)}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + (content if body else b"")
