"""Reads what GitHub answers below requests, PyGithub and github3.py: every redirect hop and every retry once.

``request`` is watched for path and credential, ``getresponse`` for the answer. Not seen: urllib3's HTTP/2, which is
experimental and has a connection class of its own. Bodies that the application reads are looked at from urllib3 2 on.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from otelmon import guard
from otelmon.hooks.github.bodies import watch_urllib3_body
from otelmon.hooks.github.watch import GitHubWatch
from otelmon.hooks.late_hook import LateHook
from otelmon.hooks.patching import patch, undo_all
from otelmon.hooks.urllib3_headers import header_of, told_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from otelmon.records import GitHubCall
    from otelmon.registry import HookRegistry

_REQUEST_SITE = guard.site("hooks.urllib3.request")
_RESPONSE_SITE = guard.site("hooks.urllib3.response")
_FAILED_SITE = guard.site("hooks.urllib3.failed")
# Where a request waits for its answer: on the connection, which carries one request at a time.
_PENDING = "_otelmon_pending"


class Urllib3Hook(LateHook):
    """Watches ``urllib3.connection.HTTPConnection``, from which ``HTTPSConnection`` inherits."""

    name = "urllib3"
    requires = "urllib3>=1.26,<3"
    library = "urllib3"

    def wire(self, registry: HookRegistry) -> Callable[[], None]:
        """Patches the connection class and returns what undoes it."""
        import urllib3  # noqa: PLC0415 - the library is imported only where it is watched
        from urllib3.connection import HTTPConnection  # noqa: PLC0415 - as above

        watch = _Urllib3Watch(registry, getattr(urllib3, "HTTPHeaderDict", None))
        # urllib3 1.26 sends chunked bodies by a method of their own.
        senders = [name for name in ("request", "request_chunked") if name in vars(HTTPConnection)]
        steps = [patch(HTTPConnection, name, _sending(watch, getattr(HTTPConnection, name))) for name in senders]
        steps.append(patch(HTTPConnection, "getresponse", _answering(watch, HTTPConnection.getresponse)))
        return undo_all(steps)


def _sending(watch: _Urllib3Watch, original: Callable[..., Any]) -> Callable[..., Any]:
    sent, gave_up = watch.sent, watch.gave_up

    @functools.wraps(original)
    def request(self: Any, method: str, url: str, body: Any = None, headers: Any = None, **options: Any) -> Any:  # noqa: ANN401 - urllib3's own signature
        guard.call(_REQUEST_SITE, sent, self, method, url, headers, body)
        if _PENDING not in self.__dict__:
            return original(self, method, url, body, headers, **options)
        is_sent = False
        try:
            result = original(self, method, url, body, headers, **options)
            is_sent = True
        finally:
            if not is_sent:
                guard.call(_FAILED_SITE, gave_up, self)
        return result

    return request


def _answering(watch: _Urllib3Watch, original: Callable[..., Any]) -> Callable[..., Any]:
    came, failed = watch.came, watch.failed

    @functools.wraps(original)
    def getresponse(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - urllib3's own signature
        pending = self.__dict__.pop(_PENDING, None)
        if pending is None:
            return original(self, *args, **options)
        response = None
        try:
            response = original(self, *args, **options)
        finally:
            if response is None:
                guard.call(_FAILED_SITE, failed, pending)
        guard.call(_RESPONSE_SITE, came, pending, response)
        return response

    return getresponse


class _Urllib3Watch(GitHubWatch):
    """Knows urllib3's connections and responses.

    Args:
        registry: where they are noted.
        joining: urllib3's own class of headers, which joins what was sent twice; in 1.26 http.client's come instead.
    """

    def __init__(self, registry: HookRegistry, joining: object = None) -> None:
        super().__init__(registry)
        self._joining = joining

    def sent(
        self,
        connection: Any,  # noqa: ANN401 - any version's connection
        method: str,
        url: str,
        headers: Mapping[object, object] | None,
        body: object,
    ) -> None:
        """Notes a request on a connection that leads to GitHub.

        Args:
            connection: urllib3's connection; behind a tunnelling proxy its target is the tunnel's.
            method: of the request.
            url: a path with query, or a whole URL where a proxy forwards.
            headers: as given to urllib3.
            body: as given to urllib3.
        """
        if _PENDING in connection.__dict__:
            # A request that nobody has asked the answer of.
            self.gave_up(connection)
        tunnel = getattr(connection, "_tunnel_host", None)
        address = (tunnel, getattr(connection, "_tunnel_port", None)) if tunnel else (connection.host, connection.port)
        if not url.startswith("/"):
            parts = urlsplit(url)
            address = (parts.hostname or address[0], parts.port or address[1])
            url = f"{parts.path}?{parts.query}"
        if address in self.hosts:
            connection.__dict__[_PENDING] = self.begin((method, address[0], url, *_read(headers)), body)

    def gave_up(self, connection: Any) -> None:  # noqa: ANN401 - any version's connection
        """Books that a connection's request, if there is one, will not be answered."""
        left = connection.__dict__.pop(_PENDING, None)
        if left is not None:
            self.failed(left)

    def came(self, call: GitHubCall, response: Any) -> None:  # noqa: ANN401 - any version's response
        """Books an answer."""
        headers, joining = response.headers, self._joining
        telling = self.answered(call, response.status, told_of(headers, joining), header_of(headers, joining))
        if telling and hasattr(response, "read_chunked"):
            watch_urllib3_body(response, functools.partial(self.told, call))


def _read(headers: Mapping[object, object] | None) -> tuple[str | None, bool, str | None]:
    """Returns credential, whether there is a condition, and what is accepted; names and values are text or bytes."""
    authorization = accept = None
    conditional = False
    for name, value in (headers or {}).items():
        key = name.lower() if isinstance(name, str) else _text(name).lower()
        if key == "authorization":
            authorization = _text(value)
        elif key == "accept":
            accept = _text(value)
        elif key == "if-none-match":
            conditional = True
    return authorization, conditional, accept


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


hook = Urllib3Hook()
