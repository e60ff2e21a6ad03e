"""Turns requests and answers of GitHub into entries of the registry, attributes of the current span, and events.

The hooks of the HTTP clients call ``begin`` before a request is sent and ``answered`` or ``failed`` after it.
Credentials are hashed on the spot and kept nowhere.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from opentelemetry import trace

from otelmon.hooks.calling_line import calling_line
from otelmon.hooks.github.asking import note_owner
from otelmon.hooks.github.facts import answer_attributes, event_attributes
from otelmon.hooks.github.hosts import GitHubHosts
from otelmon.hooks.github.remembered import Remembered
from otelmon.records import GitHubAnswer, GitHubCall
from otelmon.rules.github_bodies import (
    TELLING_ROUTES,
    graphql_cost,
    installation_of,
    installation_token,
    is_exhausted,
    user_of,
)
from otelmon.rules.github_graphql import is_mutation
from otelmon.rules.github_headers import read_rate_limit, read_retry_after
from otelmon.rules.github_owner import ANONYMOUS, budget_owner, identity_name
from otelmon.rules.github_refusal import REFUSALS, refusal_kind
from otelmon.rules.github_route import route_template
from otelmon.rules.operation_logged import is_logged
from otelmon.rules.slow_operation import slow_from_ns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from otelmon.records import RateLimit, RefusalKind
    from otelmon.registry import HookRegistry
    from otelmon.rules.github_headers import Told

    Header = Callable[[str], "str | None"]

REQUEST, THROTTLED = "otelmon.github.request", "otelmon.github.throttled"
POINTS = "otelmon.github.points"
GITHUB_COM = "api.github.com"
GRAPHQL = "/graphql"
# What is remembered of credentials, paths and whole requests, to be looked into once; twice as many at most.
MOST_CREDENTIALS, MOST_TARGETS = 20_000, 5_000
_TOLD = (200, 201)
_OK = 200
_THROTTLES = ("primary", "secondary")
# From ``answered`` out: a hook's own, the guard's, and the patched function's.
_FRAMES_OF_A_HOOK = 4


# Makes a tuple of what is known to fit, in a third of the time.
_new = tuple.__new__


# One request as a client is about to send it: its method, host, path with query, credential, whether there is an
# ``if-none-match``, and its ``accept``, by which answers vary.
Asked = tuple[str, str, str, "str | None", bool, "str | None"]


class _Known(NamedTuple):
    """Holds what every request with the same method, address, credential, condition and ``accept`` has in common.

    ``name`` is that of the credential, ``credential`` the same or empty where there is none.
    """

    name: str
    route: str
    method: str
    credential: str
    host: str
    conditional: bool
    address: int | None
    installation: str | None


class GitHubWatch:
    """Is shared by nothing: each hook has its own, and all of them write to one registry."""

    def __init__(self, registry: HookRegistry) -> None:
        self._book = registry.github
        self._promoted = registry.promoted
        self._hash_key = registry.settings.hash_key
        self._slow_from_ns = slow_from_ns(registry.settings.slow_http_threshold_ms)
        self._logged = registry.settings.operation_log
        self.hosts = GitHubHosts(registry.settings.github_hosts)
        self._credentials = Remembered(MOST_CREDENTIALS, self._named)
        self._routes = Remembered(MOST_TARGETS, route_template)
        self._requests = Remembered(MOST_TARGETS, self._looked_into)

    def _named(self, asked: tuple[str | None, str]) -> str:
        """Returns the name of a credential at a host."""
        authorization, host = asked
        return budget_owner(authorization, self._hash_key, "" if host == GITHUB_COM else host)

    def _looked_into(self, asked: Asked) -> _Known:
        """Returns what a request says before its body."""
        method, host, target, authorization, conditional, accept = asked
        host, method = host.lower(), method.upper()
        name = self._credentials.of((authorization, host))
        route = self._routes.of(target.partition("?")[0])
        credential = "" if name.startswith(ANONYMOUS) else name
        address = hash((name, host, target, accept)) if credential and method == "GET" and not conditional else None
        installation = installation_of(target) if route in TELLING_ROUTES else None
        return _Known(name, route, method, credential, host, conditional, address, installation)

    def begin(self, asked: Asked, body: object = None) -> GitHubCall:
        """Books a request that is about to be sent, and returns what is kept of it.

        Args:
            asked: the request.
            body: what is in memory of it, None where nothing is; looked into for GraphQL only, and not kept.
        """
        book = self._book
        name, route, method, credential, host, conditional, address, installation = self._requests.of(asked)
        owner = book.owners.known.get(credential, credential) if credential else name
        is_mutating = route == GRAPHQL and is_mutation(body)
        began_ns = time.monotonic_ns()
        facts = (owner, route, method, credential, host, conditional, address, began_ns, installation, is_mutating)
        call = _new(GitHubCall, facts)
        book.sent(call)
        note_owner(owner)
        return call

    def failed(self, call: GitHubCall) -> None:
        """Books a request without an answer."""
        self._book.failed(call)

    def answered(self, call: GitHubCall, status: int, told: Told, header: Header) -> bool:
        """Books an answer and puts its figures on the span of the call; the body is not touched.

        Args:
            call: as ``begin`` returned it.
            status: of the answer.
            told: the headers that ``FIGURES`` names.
            header: returns a header by its lower-case name; several of one name come joined.

        Returns:
            Whether the body would tell more, should the application read it.
        """
        book, now = self._book, time.monotonic()
        if now >= book.clock.due_at:
            book.clock.read(header("date"), now)
        _, route, _, _, _, _, address, began_ns, _, _ = call
        limits = read_rate_limit(told, route)
        refusal = retry_after = etag = None
        if status != _OK:
            refusal, retry_after = self._refused(status, limits, header)
        elif address is not None:
            etag = header("etag")
        line = calling_line(_FRAMES_OF_A_HOOK)
        answer = _new(GitHubAnswer, (status, limits, refusal, retry_after, None if etag is None else hash(etag), line))
        book.answered(call, answer)
        elapsed_ns = int(now * 1e9) - began_ns
        span = trace.get_current_span()
        if span is not trace.INVALID_SPAN or refusal or elapsed_ns >= self._slow_from_ns or self._logged == "all":
            self._tell(call, answer, header, elapsed_ns)
        return status in _TOLD and route in TELLING_ROUTES

    def _refused(self, status: int, limits: RateLimit, header: Header) -> tuple[RefusalKind | None, int | None]:
        """Returns why a request was refused, and for how many seconds nothing shall be asked."""
        if status not in REFUSALS:
            return None, None
        waits = header("retry-after")
        kind = refusal_kind(status, limits.remaining, waits, header("x-github-sso"))
        return kind, read_retry_after(waits, self._book.clock.now())

    def _tell(self, call: GitHubCall, answer: GitHubAnswer, header: Header, elapsed_ns: int) -> None:
        span = trace.get_current_span()
        if span.is_recording() and getattr(span, "kind", None) is trace.SpanKind.CLIENT:
            span.set_attributes(answer_attributes(answer))
        throttled = answer.refusal is not None and answer.refusal in _THROTTLES
        notable = throttled or elapsed_ns >= self._slow_from_ns
        context = span.get_span_context()
        if not (notable or is_logged(self._logged, sampled=context.trace_flags.sampled)):
            return
        if notable and context.is_valid and not context.is_remote and not context.trace_flags.sampled:
            self._promoted.add(context.span_id)
        if self._book.emit is not None:
            attributes = event_attributes(call, answer, elapsed_ns, header("x-github-request-id"))
            self._emit(REQUEST, attributes, context)
            if throttled:
                self._emit(THROTTLED, attributes, context)

    def _emit(self, name: str, attributes: Mapping[str, str | int | float], context: trace.SpanContext) -> None:
        emit = self._book.emit
        if emit is not None:
            emit(name, attributes, trace_id=context.trace_id, span_id=context.span_id)

    def told(self, call: GitHubCall, body: bytes) -> bool:
        """Books what a body tells that the application has read, and says whether it told anything.

        Args:
            call: as ``begin`` returned it.
            body: decoded; while it is not complete it tells nothing.
        """
        if call.route == GRAPHQL:
            return self._cost_told(call, body)
        return self._identity_told(call, body)

    def _cost_told(self, call: GitHubCall, body: bytes) -> bool:
        if is_exhausted(body):
            self._book.refused.add(("graphql", "primary"))
            return True
        points = graphql_cost(body)
        if points is None:
            return False
        self._book.cost(call, "graphql", points, calling_line())
        span = trace.get_current_span()
        if span.is_recording() and getattr(span, "kind", None) is trace.SpanKind.CLIENT:
            span.set_attribute(POINTS, points)
        return True

    def _identity_told(self, call: GitHubCall, body: bytes) -> bool:
        if call.installation is None:
            user = user_of(body)
            if user is None:
                return False
            self._book.belongs(call.credential, identity_name("user", call.host, user, self._hash_key))
            return True
        token = installation_token(body)
        if token is None:
            return False
        owner = identity_name("installation", call.host, call.installation, self._hash_key)
        self._book.belongs(budget_owner(token, self._hash_key), owner)
        return True
