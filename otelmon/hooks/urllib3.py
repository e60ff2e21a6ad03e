"""Reads what GitHub answers below the HTTP clients: every redirect hop and retry once, for requests and PyGithub too.

``request`` is watched for path and credential, ``getresponse`` for the answer. The credential is hashed on the spot.
Not seen: urllib3's HTTP/2, which is experimental and has a connection class of its own.
"""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from opentelemetry import trace

from otelmon import guard
from otelmon.hooks.github_hosts import GitHubHosts
from otelmon.hooks.patching import patch, undo_all
from otelmon.records import GitHubAnswer
from otelmon.rules.github_headers import read_rate_limit, read_retry_after, throttle_kind
from otelmon.rules.github_owner import budget_owner
from otelmon.rules.github_route import route_template

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from otelmon.registry import HookRegistry

_REQUEST_SITE = guard.site("hooks.urllib3.request")
_RESPONSE_SITE = guard.site("hooks.urllib3.response")
# Where a request waits for its answer: on the connection, which carries one request at a time.
_PENDING = "_otelmon_pending"
_PREFIX = "otelmon.github.rate_limit."
_READ = ("retry-after", *(f"x-ratelimit-{word}" for word in ("limit", "remaining", "used", "reset", "resource")))


class Pending(NamedTuple):
    """Holds what is kept of a request until its answer; nothing of it is secret."""

    owner: str
    route: str


class Urllib3Hook:
    """Watches ``urllib3.connection.HTTPConnection``, from which ``HTTPSConnection`` inherits."""

    name = "urllib3"
    requires = "urllib3>=1.26,<3"

    def install(self, registry: HookRegistry) -> Callable[[], None]:
        """Patches the connection class and returns what undoes it."""
        from urllib3.connection import HTTPConnection  # noqa: PLC0415 - the library is imported only where it is watched

        watch = GitHubWatch(registry)
        # urllib3 1.26 sends chunked bodies by a method of their own.
        senders = [name for name in ("request", "request_chunked") if name in vars(HTTPConnection)]
        steps = [patch(HTTPConnection, name, _sending(watch, getattr(HTTPConnection, name))) for name in senders]
        steps.append(patch(HTTPConnection, "getresponse", _answering(watch, HTTPConnection.getresponse)))
        return undo_all(steps)


def _sending(watch: GitHubWatch, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def request(self: Any, method: str, url: str, body: Any = None, headers: Any = None, **options: Any) -> Any:  # noqa: ANN401 - urllib3's own signature
        guard.call(_REQUEST_SITE, watch.sent, self, url, headers)
        return original(self, method, url, body, headers, **options)

    return request


def _answering(watch: GitHubWatch, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def getresponse(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - urllib3's own signature
        response = original(self, *args, **options)
        if _PENDING in self.__dict__:
            guard.call(_RESPONSE_SITE, watch.answered, self, response)
        return response

    return getresponse


class GitHubWatch:
    """Turns requests and answers of GitHub into entries of the registry and attributes of the current span."""

    def __init__(self, registry: HookRegistry) -> None:
        self._registry = registry
        self._hosts = GitHubHosts(registry.settings.github_hosts)
        self._hash_key = registry.settings.hash_key

    def sent(self, connection: Any, url: str, headers: Mapping[str, object] | None) -> None:  # noqa: ANN401 - any version's connection
        """Notes owner and route on a connection that leads to GitHub.

        Args:
            connection: urllib3's connection; behind a tunnelling proxy its target is the tunnel's.
            url: a path with query, or a whole URL where a proxy forwards.
            headers: as given to urllib3.
        """
        connection.__dict__.pop(_PENDING, None)
        tunnel = getattr(connection, "_tunnel_host", None)
        address = (tunnel, getattr(connection, "_tunnel_port", None)) if tunnel else (connection.host, connection.port)
        path = url
        if not url.startswith("/"):
            target = urlsplit(url)
            address, path = (target.hostname or address[0], target.port or address[1]), target.path
        if address in self._hosts:
            owner = budget_owner(_authorization(headers), self._hash_key)
            setattr(connection, _PENDING, Pending(owner, route_template(path)))

    def answered(self, connection: Any, response: Any) -> None:  # noqa: ANN401 - any version's connection and response
        """Books an answer and puts its figures on the span of the call; the body is not touched."""
        pending: Pending = connection.__dict__.pop(_PENDING)
        headers = _headers(response.headers)
        rate_limit = read_rate_limit(headers)
        retry_after = read_retry_after(headers.get("retry-after"), time.time())
        throttle = throttle_kind(response.status, rate_limit, retry_after)
        answer = GitHubAnswer(response.status, pending.owner, rate_limit, throttle, retry_after)
        self._registry.github_answer(answer, pending.route)
        span = trace.get_current_span()
        if span.is_recording() and getattr(span, "kind", None) is trace.SpanKind.CLIENT:
            span.set_attributes(answer_attributes(answer))


def answer_attributes(answer: GitHubAnswer) -> dict[str, str | int]:
    """Returns what a GitHub answer says as span attributes; what it does not say is absent."""
    seen = answer.rate_limit
    known = {
        f"{_PREFIX}limit": seen.limit,
        f"{_PREFIX}remaining": seen.remaining,
        f"{_PREFIX}used": seen.used,
        f"{_PREFIX}reset": seen.reset,
        f"{_PREFIX}resource": seen.resource,
        "otelmon.github.throttle": answer.throttle,
    }
    return {name: value for name, value in known.items() if value is not None}


def _headers(headers: Any) -> dict[str, str]:  # noqa: ANN401 - urllib3's in 2.x, http.client's in 1.26
    """Returns the headers that are read, by their lower-case names; one sent twice is joined, hence unreadable."""
    return {name: ", ".join(values) for name in _READ if (values := headers.get_all(name))}


def _authorization(headers: Mapping[str, object] | None) -> str | None:
    """Returns the credential of a request, from names and values that may be text or bytes."""
    for name, value in (headers or {}).items():
        if _text(name).lower() == "authorization":
            return _text(value)
    return None


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


hook = Urllib3Hook()
