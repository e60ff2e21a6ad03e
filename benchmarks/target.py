"""The HTTP servers that the benchmark's clients ask: one plain, two with GitHub's headers; answers are prepared.

The last one waits before it answers, as a server far away does. In a process of its own; prints the ports first.
"""

from __future__ import annotations

import asyncio
import json
import time

BODY = json.dumps(
    {
        "id": 1,
        "full_name": "owner-01/project-1",
        "description": "A project.",
        "topics": ["python"] * 10,
        "size": 1 << 20,
    }
).encode()
COMMON = (f"content-type: application/json; charset=utf-8\r\ncontent-length: {len(BODY)}", 'etag: "a1"')
GITHUB = (
    "x-ratelimit-limit: 5000",
    "x-ratelimit-remaining: 4999",
    "x-ratelimit-used: 1",
    f"x-ratelimit-reset: {int(time.time()) + 3600}",
    "x-ratelimit-resource: core",
    "x-github-request-id: 0000:000000:000000:000000:00000000",
)

# With it a request of the reference service takes about 40 ms.
FAR_AWAY_S = 0.03


def answer(*headers: str) -> bytes:
    """Returns a whole answer."""
    return "\r\n".join(("HTTP/1.1 200 OK", *COMMON, *headers, "", "")).encode() + BODY


class Target(asyncio.Protocol):
    """Answers every request without looking at it; none here has a body."""

    def __init__(self, prepared: bytes, wait_s: float) -> None:
        self._prepared = prepared
        self._wait_s = wait_s
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the connection."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answers as many requests as have ended."""
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            self._read = self._read[end + 4 :]
            if self._wait_s:
                asyncio.get_running_loop().call_later(self._wait_s, self._answer)
            else:
                self._answer()

    def _answer(self) -> None:
        self._transport.write(self._prepared)  # type: ignore[attr-defined]  # a connection's transport writes


async def serve() -> None:
    """Serves until it is ended."""
    loop = asyncio.get_running_loop()
    kinds = ((answer(), 0.0), (answer(*GITHUB), 0.0), (answer(*GITHUB), FAR_AWAY_S))
    servers = [await loop.create_server(lambda kind=kind: Target(*kind), "127.0.0.1", 0) for kind in kinds]
    print(*(server.sockets[0].getsockname()[1] for server in servers), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve())
