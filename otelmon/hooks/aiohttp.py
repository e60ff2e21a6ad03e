"""Reads what GitHub answers below aiohttp, which gidgethub uses: every redirect hop and every retry once."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from otelmon import guard
from otelmon.hooks.github.bodies import watch_whole_body_async
from otelmon.hooks.github.watch import GitHubWatch
from otelmon.hooks.late_hook import LateHook
from otelmon.hooks.patching import patch
from otelmon.rules.github_headers import told_by

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.records import GitHubCall
    from otelmon.registry import HookRegistry

_REQUEST_SITE = guard.site("hooks.aiohttp.request")
_RESPONSE_SITE = guard.site("hooks.aiohttp.response")
_FAILED_SITE = guard.site("hooks.aiohttp.failed")


class AiohttpHook(LateHook):
    """Watches ``aiohttp.ClientResponse.start``, which awaits the head of every answer.

    It begins when a request has been handed to the connection, so the time of an answer lacks that of its connection.
    """

    name = "aiohttp"
    requires = "aiohttp>=3.9,<4"
    library = "aiohttp"

    def wire(self, registry: HookRegistry) -> Callable[[], None]:
        """Patches the class of responses and returns what undoes it."""
        from aiohttp import ClientResponse  # noqa: PLC0415 - the library is imported only where it is watched

        return patch(ClientResponse, "start", _starting(_AiohttpWatch(registry), ClientResponse.start))


def _starting(watch: _AiohttpWatch, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    async def start(self: Any, connection: Any) -> Any:  # noqa: ANN401 - aiohttp's own signature
        call = guard.call(_REQUEST_SITE, watch.sent, self)
        if call is None:
            return await original(self, connection)
        response = None
        try:
            response = await original(self, connection)
        finally:
            if response is None:
                # A cancelled task is a request without an answer as well.
                guard.call(_FAILED_SITE, watch.failed, call)
        guard.call(_RESPONSE_SITE, watch.came, call, self)
        return response

    return start


class _AiohttpWatch(GitHubWatch):
    """Knows aiohttp's responses, which know their requests."""

    def sent(self, response: Any) -> GitHubCall | None:  # noqa: ANN401 - any version's response
        """Books a request that leads to GitHub; None for any other."""
        url = response.url
        if (url.host or "", url.port) not in self.hosts:
            return None
        headers = response.request_info.headers
        condition = "if-none-match" in headers
        authorization, accept = headers.get("authorization"), headers.get("accept")
        return self.begin((response.method, url.host, url.raw_path_qs, authorization, condition, accept))

    def came(self, call: GitHubCall, response: Any) -> None:  # noqa: ANN401 - any version's response
        """Books an answer."""

        def header(name: str) -> str | None:
            found = response.headers.getall(name, None)
            return None if found is None else ", ".join(found)

        if self.answered(call, response.status, told_by(header), header):
            watch_whole_body_async(response, "read", functools.partial(self.told, call))


hook = AiohttpHook()
