"""What requests of one client, and those to one route, have in common, prepared once.

What is in it comes from OpenTelemetry's own functions, asked once. Contract test: tests/contract/test_flask_spans.py.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from opentelemetry.instrumentation.wsgi import add_response_attributes, collect_request_attributes
from opentelemetry.util.http import sanitize_method

from otelmon.calls.leaf_spans import UNSET
from otelmon.calls.prepared_attributes import PreparedAttributes
from otelmon.rules.attribute_redaction import redact_attributes
from otelmon.rules.span_name import redact_span_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.trace import Span, Status

    Attributes = dict[str, str | int]
    # A WSGI environment, of a server of any kind.
    Environment = Mapping[str, Any]

# How many are remembered: of too many all are forgotten, those in use are soon back.
MOST_CLIENTS, MOST_ROUTES, MOST_OUTCOMES = 512, 1024, 64
# What is longer comes once.
LONGEST_REMEMBERED = 1024
# Keys of a WSGI environment whose values decide what is shared; others of those that the instrumentation reads vary.
_SHARED = ("REQUEST_METHOD", "wsgi.url_scheme", "HTTP_HOST", "SERVER_PORT", "HTTP_USER_AGENT", "SERVER_PROTOCOL")
# Source: https://opentelemetry.io/docs/specs/semconv/http/http-metrics/
_ROUTE = "http.route"
_LAST = ("user_agent.", "network.", _ROUTE)
_DURATION_LABELS = frozenset(
    ("error.type", "http.request.method", "http.response.status_code", "network.protocol.version", "url.scheme")
)
_ACTIVE_LABELS = frozenset(("http.request.method", "url.scheme"))


class Labels(dict[str, "str | int"]):
    """Holds what a duration is counted under, with a key that stands for it."""

    __slots__ = ("key",)

    def __init__(self, labels: Mapping[str, str | int]) -> None:
        super().__init__(labels)
        self.key = tuple(sorted(labels.items()))


class Outcome(NamedTuple):
    """Holds what a response adds to a span, what its duration is counted under, and the status of the span."""

    attributes: PreparedAttributes
    labels: Labels
    status: Status


class _Noted:
    """Notes what OpenTelemetry's function does to a span."""

    def __init__(self) -> None:
        self.attributes: Attributes = {}
        self.status = UNSET

    def is_recording(self) -> bool:
        return True

    def set_attribute(self, key: str, value: str | int) -> None:
        self.attributes[key] = value

    def set_status(self, status: Status) -> None:
        self.status = UNSET if status.is_unset else status


class RouteFacts:
    """Holds what requests of one kind of client to one route have in common.

    Args:
        given: attributes of its spans.
        labels: what its durations are counted under.
        method: of the request, as it came.
        route: the route, None where there is none.
        mode: which names the instrumentation uses.
    """

    __slots__ = ("_mode", "_outcomes", "first", "labels", "last", "name", "prepared", "shown_name")

    def __init__(self, given: Attributes, labels: Labels, method: str, route: str | None, mode: object) -> None:
        whole = given if route is None else {**given, _ROUTE: route}
        self.prepared = PreparedAttributes(cast("Attributes", redact_attributes(whole, sql_text="none")))
        # What varies stands between, as with the instrumentation: a limit drops the oldest.
        self.first = {key: value for key, value in whole.items() if not key.startswith(_LAST)}
        self.last = {key: value for key, value in whole.items() if key.startswith(_LAST)}
        known = sanitize_method(method.strip())
        # Without a route the name has the path in it.
        self.name = "" if route is None else f"{'HTTP' if known == '_OTHER' else known} {route}"
        self.shown_name = redact_span_name(self.name, database=False)
        self.labels = labels if route is None else Labels({**labels, _ROUTE: route})
        self._mode = mode
        self._outcomes: dict[str, Outcome] = {}

    def outcome(self, status: str) -> Outcome:
        """Returns what a status line such as ``200 OK`` says."""
        known = self._outcomes.get(status)
        if known is None:
            known = self._made(status)
            _remember(self._outcomes, status, known, MOST_OUTCOMES)
        return known

    def _made(self, status: str) -> Outcome:
        noted, labels = _Noted(), dict(self.labels)
        add_response_attributes(cast("Span", noted), status, [], cast("Any", labels), cast("Any", self._mode))
        return Outcome(PreparedAttributes(noted.attributes), Labels(labels), noted.status)


class ClientFacts:
    """Holds what requests with one method, address, protocol and user agent have in common.

    Args:
        received: a WSGI environment, of which only what they share is read.
        mode: which names the instrumentation uses.
    """

    __slots__ = ("active", "given", "labels", "method")

    def __init__(self, received: Environment, mode: object) -> None:
        shared = {key: received[key] for key in _SHARED if key in received}
        self.method: str = received.get("REQUEST_METHOD", "")
        self.given = cast("Attributes", collect_request_attributes(shared, cast("Any", mode)))
        self.labels = Labels({key: value for key, value in self.given.items() if key in _DURATION_LABELS})
        self.active = Labels({key: value for key, value in self.given.items() if key in _ACTIVE_LABELS})


class FactsTable:
    """Remembers the facts of requests."""

    def __init__(self, mode: object) -> None:
        self._mode = mode
        self._clients: dict[tuple[Any, ...], ClientFacts] = {}
        self._routes: dict[tuple[ClientFacts, str | None], RouteFacts] = {}

    def client(self, received: Environment) -> ClientFacts:
        """Returns what a request shares with others of its kind of client."""
        key = tuple(map(received.get, _SHARED))
        known = self._clients.get(key)
        if known is None:
            known = ClientFacts(received, self._mode)
            if sum(len(each) for each in key if each) <= LONGEST_REMEMBERED:
                _remember(self._clients, key, known, MOST_CLIENTS)
        return known

    def route(self, client: ClientFacts, route: str | None) -> RouteFacts:
        """Returns what a request shares with others of its kind of client to the same route."""
        key = (client, route)
        known = self._routes.get(key)
        if known is None:
            known = RouteFacts(client.given, client.labels, client.method, route, self._mode)
            _remember(self._routes, key, known, MOST_ROUTES)
        return known


def _remember(table: dict[Any, Any], key: object, facts: object, most: int) -> None:
    if len(table) >= most:
        table.clear()
    table[key] = facts


def varying(received: Environment) -> dict[str, str | int]:
    """Returns the attributes that differ from request to request."""
    get = received.get
    found: dict[str, str | int] = {}
    target = get("RAW_URI")
    if target is None:
        target = get("REQUEST_URI")
    if target:
        _add(found, "url.path", get("PATH_INFO"))
        _add(found, "url.query", get("QUERY_STRING"))
    _add(found, "client.address", get("REMOTE_HOST") or get("REMOTE_ADDR"))
    port = get("REMOTE_PORT")
    if port:
        with contextlib.suppress(ValueError, TypeError):
            found["client.port"] = int(port)
    return found


def _add(found: dict[str, str | int], key: str, value: str | None) -> None:
    if value:
        found[key] = value
