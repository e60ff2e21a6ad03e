"""What stands before every answer: the token, and headers that let a browser do nothing but show the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from otelmon.operate.page.gate import Gate

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
READING = ("GET", "HEAD")


class Guarding:
    """Lets a request through with GET or HEAD and the token; puts its headers on every answer."""

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self._app = app
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._answer(scope)(scope, receive, send_guarded)

    def _answer(self, scope: Scope) -> ASGIApp:
        if scope["method"] not in READING:
            return PlainTextResponse("GET and HEAD only\n", 405, {"Allow": ", ".join(READING)})
        # Whoever looks after the process asks without a token, and learns nothing.
        if scope["path"] != "/livez" and not self._gate.admits(Headers(scope=scope).get("authorization", "")):
            asking = {"WWW-Authenticate": 'Basic realm="otelmon, the token is the password", charset="UTF-8"'}
            return PlainTextResponse("The token is needed: as password of any name, or as bearer.\n", 401, asking)
        return self._app
