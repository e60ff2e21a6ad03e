"""Reads what GitHub answers below httpx, which githubkit uses: every redirect hop and every retry once, sync and async.

Watched are httpx's own transports, below every client, cache and retry that is built on them; the URL there is the
target's, whatever proxy leads to it.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from otelmon import guard
from otelmon.hooks.github.bodies import watch_whole_body, watch_whole_body_async
from otelmon.hooks.github.watch import GitHubWatch
from otelmon.hooks.late_hook import LateHook
from otelmon.hooks.patching import patch, undo_all
from otelmon.rules.github_headers import HEADERS, told_by

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.records import GitHubCall
    from otelmon.registry import HookRegistry

_REQUEST_SITE = guard.site("hooks.httpx.request")
_RESPONSE_SITE = guard.site("hooks.httpx.response")
_FAILED_SITE = guard.site("hooks.httpx.failed")
_READ = {name.encode(): name for name in HEADERS}
_PORTS = {"https": 443, "http": 80}


class HttpxHook(LateHook):
    """Watches ``httpx.HTTPTransport`` and ``httpx.AsyncHTTPTransport``."""

    name = "httpx"
    requires = "httpx>=0.25,<1"
    library = "httpx"

    def wire(self, registry: HookRegistry) -> Callable[[], None]:
        """Patches both transports and returns what undoes it."""
        import httpx  # noqa: PLC0415 - the library is imported only where it is watched

        watch = _HttpxWatch(registry, httpx.ByteStream)
        sync, other = httpx.HTTPTransport, httpx.AsyncHTTPTransport
        return undo_all(
            (
                patch(sync, "handle_request", _handling(watch, sync.handle_request)),
                patch(other, "handle_async_request", _handling_async(watch, other.handle_async_request)),
            )
        )


def _handling(watch: _HttpxWatch, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def handle_request(self: Any, request: Any) -> Any:  # noqa: ANN401 - httpx's own signature
        call = guard.call(_REQUEST_SITE, watch.sent, request)
        if call is None:
            return original(self, request)
        response = None
        try:
            response = original(self, request)
        finally:
            if response is None:
                guard.call(_FAILED_SITE, watch.failed, call)
        guard.call(_RESPONSE_SITE, watch.came, call, response, "read", watch_whole_body)
        return response

    return handle_request


def _handling_async(watch: _HttpxWatch, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    async def handle_async_request(self: Any, request: Any) -> Any:  # noqa: ANN401 - httpx's own signature
        call = guard.call(_REQUEST_SITE, watch.sent, request)
        if call is None:
            return await original(self, request)
        response = None
        try:
            response = await original(self, request)
        finally:
            if response is None:
                # A cancelled task is a request without an answer as well.
                guard.call(_FAILED_SITE, watch.failed, call)
        guard.call(_RESPONSE_SITE, watch.came, call, response, "aread", watch_whole_body_async)
        return response

    return handle_async_request


class _HttpxWatch(GitHubWatch):
    """Knows httpx's requests and responses.

    Args:
        registry: where they are noted.
        in_memory: httpx's class of bodies that need not be read any more.
    """

    def __init__(self, registry: HookRegistry, in_memory: type) -> None:
        super().__init__(registry)
        self._in_memory: Any = in_memory

    def sent(self, request: Any) -> GitHubCall | None:  # noqa: ANN401 - any version's request
        """Books a request that leads to GitHub; None for any other."""
        url = request.url
        if (url.host, url.port or _PORTS.get(url.scheme)) not in self.hosts:
            return None
        headers = request.headers
        target = url.raw_path.decode("ascii", "replace")
        condition = "if-none-match" in headers
        # Such a stream can be gone through any number of times: a redirected request has it unread.
        stream: Any = request.stream
        body = next(iter(stream), None) if isinstance(stream, self._in_memory) else None
        authorization, accept = headers.get("authorization"), headers.get("accept")
        return self.begin((request.method, url.host, target, authorization, condition, accept), body)

    def came(self, call: GitHubCall, response: Any, name: str, watch_body: Callable[..., None]) -> None:  # noqa: ANN401 - any version's response
        """Books an answer; ``name`` is the method by which its body is read whole."""
        headers: dict[str, str] = {}
        for sent_name, value in response.headers.raw:
            # One that is not read is not decoded either.
            key = _READ.get(sent_name.lower())
            if key is not None:
                text = value.decode("latin-1")
                headers[key] = f"{headers[key]}, {text}" if key in headers else text
        header = headers.get
        if self.answered(call, response.status_code, told_by(header), header):
            watch_body(response, name, functools.partial(self.told, call))


hook = HttpxHook()
